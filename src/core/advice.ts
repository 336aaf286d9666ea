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
  // A file's time says that it was touched; what is new in it, only a backup finds out.
  const old = (span: number, unit: string, so: string) => {
    const count = Math.floor(seconds / span);
    return `The database file changed after the newest backup, which is ${count} ${unit}${count === 1 ? '' : 's'} old${so}.`;
  };
  if (seconds < WEEK)
    return {
      light: 'green',
      text: old(DAY, 'day', '; the next one saves what is new'),
      hint: `${AGAIN}; every commit does too, where the hook is set up.`,
    };
  if (seconds < MONTH)
    return { light: 'yellow', text: old(WEEK, 'week', ', so there may be data that no backup has'), hint: `${AGAIN}.` };
  return {
    light: 'red',
    text: old(MONTH, 'month', ', so there may be data that no backup has'),
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
