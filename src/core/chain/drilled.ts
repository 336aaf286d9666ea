import { BACKUPS, git, hint, overwinter } from '../hint.ts';
import { noBackup } from './committed.ts';
import type { ChainFacts, FilesFacts, GitFacts, NewestFacts } from './facts.ts';
import { type Fault, mend, type Step, stepOf } from './step.ts';

/** The newest backup is whole, and was restored once into scratch, checked, read again and compared. */
export function drilled({ git: found, store }: ChainFacts): Step {
  const { newest } = store;
  if (newest === undefined) return stepOf('drilled', [noBackup({ store }, 'try')], '');
  const { drill } = newest;
  const about = drill === undefined ? {} : { backup: newest.name, date: drill.date };
  return stepOf(
    'drilled',
    [damage(newest, found), trial(newest)],
    'It was restored on trial, read again and compared.',
    about,
  );
}

function damage({ files }: NewestFacts, found: GitFacts): Fault | undefined {
  if (files.kind !== 'damaged') return undefined;
  return { light: 'red', cause: 'damaged', text: files.trouble.text, ...mendOf(files, found) };
}

/** Parts are found among git's objects by their names; a manifest only where it was committed. */
export const mendOf = ({ what }: Extract<FilesFacts, { kind: 'damaged' }>, found: GitFacts) =>
  what === 'manifest'
    ? bringBack(found)
    : mend(overwinter('verify'), 'brings back what git still has of it, and tries it.');

/** What no commit has can only be made anew. */
export const bringBack = (found: GitFacts) =>
  found.kind === 'repository' && found.hasSome
    ? mend(git('checkout', '--', BACKUPS), 'brings back what was committed.')
    : mend(overwinter('backup'), 'makes a new one of what the database holds.');

const TRY = mend(overwinter('verify'), 'restores it into scratch, checks it, reads it again and compares.');

function trial({ drill, files, name }: NewestFacts): Fault | undefined {
  if (drill !== undefined && !drill.ok)
    return {
      light: 'red',
      cause: 'drill-failed',
      text: `The restore drill of ${name} failed: ${drill.problem ?? 'it did not restore.'}`,
      ...mend(
        overwinter('verify'),
        hint`tries again, and brings back what git still has; ${overwinter('backup')} makes a fresh one.`,
      ),
    };
  if (drill === undefined && files.kind === 'shut') return { ...files.trouble, light: 'yellow', cause: 'no-key' };
  if (drill === undefined)
    return { light: 'yellow', cause: 'never-drilled', text: `${name} was never restored on trial.`, ...TRY };
  if (files.kind === 'there')
    return {
      light: 'yellow',
      cause: 'never-drilled',
      text: `Files of ${name} were written to since it was restored on trial.`,
      ...TRY,
    };
  return undefined;
}
