import type { Reason } from './decide.ts';

const DAY = 86_400;
const WEEK = 7 * DAY;
const MONTH = 30 * DAY;

const AGAIN = "'overwinter backup' makes a fresh one";

/**
 * What to do about how long ago the newest backup was made. One that is old is no trouble where nothing was written since.
 * Undefined where there is nothing to say.
 */
export function adviceOnAge(seconds: number, writtenSince: boolean): Reason | undefined {
  if (!writtenSince || seconds < DAY) return undefined;
  const old = (span: number, unit: string) => {
    const count = Math.floor(seconds / span);
    return `The database was written to since the newest backup, which is ${count} ${unit}${count === 1 ? '' : 's'} old.`;
  };
  if (seconds < WEEK)
    return {
      light: 'green',
      text: old(DAY, 'day'),
      hint: `${AGAIN}; every commit does too, where the hook is set up.`,
    };
  if (seconds < MONTH) return { light: 'yellow', text: old(WEEK, 'week'), hint: `${AGAIN}.` };
  return {
    light: 'red',
    text: old(MONTH, 'month'),
    hint: `${AGAIN}; its error, if there is one, says why none was made.`,
  };
}

/** What to know on a host that forgets the backups written there. */
export function adviceOnHost(name: string): Required<Reason> {
  return {
    light: 'yellow',
    text: `This runs on ${name}: backups written here are lost with the host unless they are pushed.`,
    hint: `'push: "backups"' in the configuration brings each to a branch, 'overwinter init' sets up the workflow that keeps them; OVERWINTER_HOST=none says that this disk stays.`,
  };
}
