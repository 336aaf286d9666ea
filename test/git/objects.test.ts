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

/** A process that answers what it is told to, and notes whether it keeps this one alive. */
function answering() {
  const stdout = new PassThrough();
  const held: string[] = [];
  const made = Object.assign(new EventEmitter(), {
    stdout,
    stdin: new PassThrough(),
    ref: () => held.push('ref'),
    unref: () => held.push('unref'),
  });
  let started = 0;
  const start = () => {
    started++;
    return made;
  };
  const objects = openObjects({ start } as unknown as Repository);
  return { objects, made, held, starts: () => started, say: (text: string) => void stdout.write(text) };
}

const ID = 'a'.repeat(40);

test('what git does not have, and what is no file, is not there, and what comes after it is whole', async () => {
  const { objects, say } = answering();
  const asked = Promise.all([ID, ID, ID, ID].map((id) => objects.blob(id, 10)));
  say(`${ID} missing\n${ID} tree 3\nabc\n${ID} tree 30\n${'t'.repeat(30)}\n${ID} blob 2\nok\n`);
  expect(await asked).toEqual([undefined, undefined, undefined, Buffer.from('ok')]);
});

test('an empty file is one, and one as large as may be is read', async () => {
  const { objects, say } = answering();
  const asked = Promise.all([objects.blob(ID, 5), objects.blob(ID, 5)]);
  say(`${ID} blob 0\n\n${ID} blob 5\n12345\n`);
  expect(await asked).toEqual([Buffer.alloc(0), Buffer.from('12345')]);
});

test('only a question that waits for its answer keeps this process alive', async () => {
  const { objects, held, say } = answering();
  const first = objects.blob(ID, 10);
  const second = objects.blob(ID, 10);
  expect(held.at(-1)).toBe('ref');
  say(`${ID} blob 1\na\n`);
  await first;
  expect(held.at(-1)).toBe('ref');
  say(`${ID} blob 1\nb\n`);
  await second;
  expect(held.at(-1)).toBe('unref');
});

test('where git stops, or says what nobody understands, all who wait hear of it, and the next question starts it anew', async () => {
  const { objects, made, starts, say } = answering();
  const failed = { code: 'GIT_FAILED' };
  const asked = Promise.allSettled([objects.blob(ID, 10), objects.blob(ID, 10)]);
  made.emit('close');
  for (const each of await asked) expect(each).toMatchObject({ status: 'rejected', reason: failed });
  expect(starts()).toBe(1);
  const confused = objects.blob(ID, 10);
  expect(starts()).toBe(2);
  say(`${ID} blob many\n`);
  await expect(confused).rejects.toMatchObject(failed);
});

test('one that was closed is started again for the next question', async () => {
  const { objects, made, starts, say } = answering();
  const first = objects.blob(ID, 10);
  say(`${ID} blob 1\na\n`);
  await first;
  objects.close();
  expect(made.stdin.writableEnded).toBe(true);
  objects.blob(ID, 10).catch(() => {});
  expect(starts()).toBe(2);
});
