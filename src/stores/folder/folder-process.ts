import { problemOf } from '../../core/errors.ts';
import type { Batch, WritableStore } from '../store.ts';
import type { Answer, Asked, Question, Told } from './messages.ts';
import { type Standing, standingFolder, tryFolder } from './standing-folder.ts';

/*
 * Works in a folder for somebody who must not be held up by it: a mounted share that is gone answers no call, and whoever made one cannot be woken
 * nor ended. That is this process then, and it is left behind.
 */

let store: WritableStore | undefined;
let open: { readonly batch: Batch; end(isWhole: boolean): Promise<void> } | undefined;

class GivenUp extends Error {}

/** Resolves once the batch is open. */
function begin(within: WritableStore): Promise<void> {
  return new Promise((begun, failed) => {
    const ended = within.batch(
      (batch) =>
        new Promise<void>((finish, giveUp) => {
          open = {
            batch,
            async end(isWhole) {
              open = undefined;
              if (isWhole) finish();
              else giveUp(new GivenUp());
              await ended.catch((error: unknown) => {
                if (!(error instanceof GivenUp)) throw error;
              });
            },
          };
          begun();
        }),
    );
    ended.catch(failed);
  });
}

async function answerTo(folder: Standing, question: Question): Promise<Answer> {
  store ??= standingFolder(folder);
  const from = open?.batch ?? store;
  switch (question.do) {
    case 'list':
      return { is: 'files', files: await from.list(question.shelf) };
    case 'read':
      return { is: 'bytes', bytes: await from.read(question.path, question.range) };
    case 'put':
    case 'publish':
      if (open === undefined) throw new Error('there is no batch');
      await open.batch[question.do](question.path, question.bytes);
      return { is: 'done' };
    case 'remove':
      if (open === undefined) throw new Error('there is no batch');
      return { is: 'paths', paths: await open.batch.remove(question.paths) };
    case 'begin':
      await begin(store);
      return { is: 'done' };
    case 'end':
      if (open === undefined) throw new Error('there is no batch');
      await open.end(true);
      return { is: 'done' };
    case 'give up':
      await open?.end(false);
      return { is: 'done' };
    case 'try':
      await tryFolder(folder.root);
      return { is: 'done' };
  }
}

const tell = (told: Told) => {
  if (process.connected) process.send?.(told, () => {});
};

process.on('message', ({ id, folder, question }: Asked) => {
  answerTo(folder, question).then(
    (answer) => tell({ id, answer }),
    (error: unknown) => tell({ id, problem: problemOf(error) }),
  );
});
// What is in the middle of something ends it, or leaves parts that nothing names.
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
