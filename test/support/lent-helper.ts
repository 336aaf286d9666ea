import { type Calling, type Helper, startHelper } from '../../src/panel/helper.ts';
import { whenFileEnds } from './endings.ts';

/** Helpers that nobody has at the moment, by the environment they were started in. */
const spare = new Map<string, Helper[]>();

whenFileEnds(() => {
  for (const helper of [...spare.values()].flat()) helper.kill();
  spare.clear();
});

/**
 * A helper as panels start theirs, which takes a quarter of a second, but that goes on to the next panel of the file of tests when the
 * one before lets go of it. One that is ended in the middle of its work is ended.
 */
export function lentHelper(calling: Calling): Helper {
  const kind = JSON.stringify([calling.program, calling.env]);
  const free = spare.get(kind) ?? [];
  spare.set(kind, free);
  // Where it was started may be gone when it works for the next.
  const helper = free.pop() ?? startHelper({ ...calling, cwd: '/' });
  let isOver = false;
  void helper.ended.then(() => {
    isOver = true;
    if (free.includes(helper)) free.splice(free.indexOf(helper), 1);
  });
  helper.open(calling);
  let busy = 0;
  let isBack = false;
  const whileBusy = async <T>(work: Promise<T>): Promise<T> => {
    busy++;
    try {
      return await work;
    } finally {
      busy--;
      if (isReleased) giveBack();
    }
  };
  let isReleased = false;
  const giveBack = () => {
    if (isBack || isOver || busy > 0) return;
    isBack = true;
    free.push(helper);
  };
  return {
    ...helper,
    ask: (name, args) => whileBusy(helper.ask(name, args)),
    run: (order, onProgress, onStopping) => whileBusy(helper.run(order, onProgress, onStopping)),
    release() {
      isReleased = true;
      giveBack();
    },
    kill() {
      if (busy > 0) helper.kill();
      else giveBack();
    },
  };
}
