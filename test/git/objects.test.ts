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
    const asked = Promise.all(bodies.map((_, i) => objects.blob(String(i).repeat(40))));
    for (const piece of [stream.slice(0, first), stream.slice(first, first + 5), stream.slice(first + 5)]) {
      stdout.write(piece);
      await wait();
    }
    expect((await asked).map(String)).toEqual(bodies);
  }
});
