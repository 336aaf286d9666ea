/** A database at MotherDuck could not be worked with. No sentence holds a token. */
import { hint, overwinter } from '../hint.ts';
import { problem } from './problem.ts';

export const tokenMissing = problem(
  'DATABASE_REFUSED',
  (label: string) => `The database ${label} is opened with a token, and MOTHERDUCK_TOKEN is not set.`,
  () =>
    hint`Make one in MotherDuck's settings, and set it where the app runs, in the environment and nowhere else; then ${overwinter('status')}.`,
);

export const motherduckUnreachable = problem(
  'DATABASE_UNREACHABLE',
  (label: string, reason: string) => `The database ${label} cannot be reached: ${reason}.`,
  () =>
    hint`See whether the token is valid, and whether MotherDuck takes this version of DuckDB, whose extension for it is fetched from the network at first; then ${overwinter('status')}.`,
);

export const motherduckNameUnreadable = problem(
  'USAGE',
  () => "What stands after 'md:' is to be the name of a database at MotherDuck, and nothing else.",
  () =>
    hint`Write ${overwinter('status', '--db', 'md:NAME')}; the token belongs into the environment, as MOTHERDUCK_TOKEN.`,
);
