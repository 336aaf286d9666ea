import { BACKUPS, git, inTurn, overwinter, shell } from '../hint.ts';
import type { ChainFacts, NewestFacts, RepositoryFacts } from './facts.ts';
import { type Fault, mend, type Step, stepOf } from './step.ts';

/** The newest backup is in the repository's last commit, or in another place that does without. */
export function committed(facts: ChainFacts): Step {
  const { git, store } = facts;
  const { newest } = store;
  if (git.kind === 'elsewhere')
    return stepOf(
      'committed',
      newest === undefined ? [noBackup(facts, 'commit')] : [],
      `${git.label} needs no commit.`,
    );
  if (newest === undefined) return stepOf('committed', [noBackup(facts, 'commit'), withoutRepository(facts)], '');
  const at = { backup: newest.name, date: newest.date };
  const copied = copiedTo(facts);
  if (git.kind === 'repository' && git.committed) {
    const where = git.branch === undefined ? 'the commit that is checked out' : `the last commit of ${git.branch}`;
    return stepOf('committed', [git.ignored ? hidden() : undefined], `It is in ${where}.`, at);
  }
  if (copied !== undefined) return stepOf('committed', [], `It needs no commit here: ${copied} has it.`, at);
  if (git.kind !== 'repository') return stepOf('committed', [withoutRepository(facts)], '');
  const { lastCommitted: last } = git;
  const about = last === undefined ? {} : { backup: last.name, date: last.date };
  return stepOf('committed', [git.ignored ? hidden() : undefined, uncommitted(git, newest)], '', about);
}

/** The places that it can be brought back from. */
export const keptIn = ({ copies }: Pick<ChainFacts, 'copies'>) =>
  copies.filter((copy) => copy.handedOver === undefined);

/** Where the newest backup is, of the places that are to have every one: where all have it. */
export function copiedTo(facts: ChainFacts): string | undefined {
  const copies = keptIn(facts);
  if (copies.length === 0 || copies.some(({ isNewest }) => !isNewest)) return undefined;
  return copies.map(({ label }) => label).join(' and ');
}

export function noBackup({ store: { notCheckedOut } }: Pick<ChainFacts, 'store'>, what: string): Fault {
  if (notCheckedOut !== undefined) return { ...notCheckedOut, light: 'red', cause: 'not-checked-out' };
  return {
    light: 'yellow',
    cause: 'no-backup',
    text: `There is nothing to ${what} yet.`,
    ...mend(overwinter('backup'), 'makes the first backup.'),
  };
}

function withoutRepository(facts: ChainFacts): Fault | undefined {
  const { git: found } = facts;
  const copies = keptIn(facts);
  if (found.kind === 'unknown') return { ...found.trouble, light: 'red', cause: 'no-git' };
  if (found.kind === 'repository') return undefined;
  if (copies.length > 0)
    return {
      light: 'yellow',
      cause: 'not-copied',
      text: `There is no repository here, and ${copies.map(({ label }) => label).join(' and ')} does not have the newest backup yet.`,
    };
  return {
    light: 'red',
    cause: 'no-repository',
    text: 'The backups are in no git repository: they have no history, and leave this machine with nothing.',
    ...mend(inTurn(git('init'), overwinter('init')), 'makes one, and sets up what saves the data with every commit.'),
  };
}

const hidden = (): Fault => ({
  light: 'yellow',
  cause: 'ignored',
  text: "A .gitignore hides the backups: the hook adds them all the same, 'git add' and 'git status' do not.",
  ...mend(shell`printf '%s\\n' '!/backups/' '!/backups/**' >> .gitignore`, 'lets git see them.'),
});

function uncommitted({ lastCommitted }: RepositoryFacts, newest: NewestFacts): Fault {
  const last = lastCommitted === undefined ? '' : `; the newest that is: ${lastCommitted.name}`;
  return {
    light: 'yellow',
    cause: 'uncommitted',
    text: `${newest.name} is in no commit of this branch, or not whole${last}.`,
    ...mend(inTurn(git('add', '--', BACKUPS), git('commit', '-m', 'Save the data')), 'brings it into the repository.'),
  };
}
