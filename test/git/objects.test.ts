import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openObjects } from '../../src/git/objects.ts';
import type { Repository } from '../../src/git/repository.ts';

const wait = () => new Promise((done) => setImmediate(done));

test('several answers that come cut anywhere are told apart', async () => {
  const bodies = ['one\n', 'second blob with words\n'.repeat(3), 'third and last\n'];
  const stream = bodies.map((body, i) => `${String(i).repeat(40)} blob ${body.length}\n${body}\n`).join('');
  for (let first = 1; first < stream.length; first++) {
    const stdout = new PassThrough();
    const child = Object.assign(new EventEmitter(), { stdout, stdin: new PassThrough() });
    const repository = { start: () => child } as unknown as Repository;
    const objects = openObjects(repository);
    const asked = Promise.all(bodies.map((_, i) => objects.blob(String(i).repeat(40), 1000)));
    for (const piece of [stream.slice(0, first), stream.slice(first, first + 5), stream.slice(first + 5)]) {
      stdout.write(piece);
      await wait();
    }
    expect((await asked).map(String)).toEqual(bodies);
  }
});

test('an answer larger than was asked for is passed over, and the next one is whole', async () => {
  const bodies = ['x'.repeat(5000), 'after it\n', 'y'.repeat(3000), 'last\n'];
  const stream = bodies.map((body, i) => `${String(i).repeat(40)} blob ${body.length}\n${body}\n`).join('');
  for (const size of [1, 49, 50, 1000, 4999, 5051, 9000]) {
    const stdout = new PassThrough();
    const child = Object.assign(new EventEmitter(), { stdout, stdin: new PassThrough() });
    const objects = openObjects({ start: () => child } as unknown as Repository);
    const asked = Promise.all(bodies.map((_, i) => objects.blob(String(i).repeat(40), 1000)));
    for (let at = 0; at < stream.length; at += size) stdout.write(stream.slice(at, at + size));
    const [large, small, second, last] = await asked;
    expect([large, second]).toEqual([{ size: 5000 }, { size: 3000 }]);
    expect([small, last].map(String)).toEqual([bodies[1], bodies[3]]);
  }
});
