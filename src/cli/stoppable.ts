import { constants } from 'node:os';
import { hint, overwinter } from '../core/hint.ts';
import type { Project } from '../operations/project.ts';
import type { Output } from './output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];

/** What whoever stopped it is told, once nothing can be stopped any more. */
const STOPPED_LATE = hint`it was stopped too late: all of it is done. ${overwinter('undo')} takes it back.`;

/**
 * Runs what puts something in the place of `what`, and tells whoever stops it what is there now. Before the end it stops at once, as if it
 * were killed: nothing is in its place, and whoever comes next tidies up. From `onEnding` on, the end is near, and is waited for; whoever
 * does not want to, stops it once more. The exit code is a shell's.
 */
export async function stoppable(
  output: Pick<Output, 'warn'>,
  what: string,
  work: (watched: Required<Pick<Project, 'onEnding'>>) => Promise<number>,
  end: (signal: Signal) => void = (signal) => void process.kill(process.pid, signal),
): Promise<number> {
  let isEnding = false;
  let stoppedBy: Signal | undefined;
  const stop = (signal: Signal) => {
    const isFirst = stoppedBy === undefined;
    stoppedBy = signal;
    if (isEnding && isFirst) return;
    output.warn(
      isEnding
        ? hint`it was stopped at the very end: either all of it is done, or nothing. ${overwinter('status')} tells what is there.`
        : hint`it was stopped before anything changed: ${what} is as it was, and there is nothing to undo. Run the same command again, or see ${overwinter('status')}.`,
    );
    forget();
    end(signal);
  };
  const forget = () => {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    const code = await work({
      onEnding() {
        isEnding = true;
      },
    });
    if (stoppedBy === undefined) return code;
    output.warn(STOPPED_LATE);
    return 128 + constants.signals[stoppedBy];
  } finally {
    forget();
  }
}
