import { adviceOnHost } from '../advice.ts';
import { git, hint, overwinter, program } from '../hint.ts';
import { moment } from '../words.ts';
import { copiedTo, keptIn, noBackup } from './committed.ts';
import type { ChainFacts, CopyFacts, NewestFacts, RepositoryFacts } from './facts.ts';
import { type Fault, mend, type Step, stepOf } from './step.ts';

/** The newest backup is on another machine. What git was last told of a remote counts; nobody is asked. */
export function pushed(facts: ChainFacts): Step {
  const { git, copies, store } = facts;
  const { newest } = store;
  if (newest === undefined) return stepOf('pushed', [noBackup(facts, 'push')], '');
  const at = { backup: newest.name, date: newest.date };
  if (git.kind === 'elsewhere') return stepOf('pushed', [], `${git.label} has it.`, at);
  const failed = [
    ...copies.flatMap((copy) =>
      copy.failure === undefined ? (notSent(copy) ?? []) : [notBrought(copy, copy.failure)],
    ),
    ...store.aside.slice(0, 1).map(keptAside),
  ];
  const copied = copiedTo(facts);
  if (copied !== undefined) return stepOf('pushed', failed, `${copied} has it.`, at);
  if (git.kind === 'repository' && git.pushedTo !== undefined)
    return stepOf('pushed', [...failed, lacking(copies, newest)], `${git.pushedTo} has it, as git was last told.`, at);
  const last = lastElsewhere(facts);
  const about = last === undefined ? {} : { backup: last.name, date: last.date };
  return stepOf('pushed', [...failed, forgotten(facts), missing(facts, newest)], '', about);
}

function lastElsewhere(facts: ChainFacts) {
  const { git } = facts;
  const [copy] = keptIn(facts);
  return copy?.last ?? (git.kind === 'repository' ? git.lastPushed : undefined);
}

const notBrought = ({ label, handedOver }: CopyFacts, failure: NonNullable<CopyFacts['failure']>): Fault => ({
  light: 'red',
  cause: 'not-copied',
  text: `No backup ${handedOver === undefined ? 'got' : 'was handed over'} to ${label} since ${moment(failure.since)} UTC: ${failure.text}`,
  ...(failure.hint === undefined || failure.hint.length === 0 ? {} : { hint: failure.hint }),
});

function notSent({ label, handedOver, last }: CopyFacts): Fault | undefined {
  if (handedOver?.isDue !== true) return undefined;
  const text = `No backup was handed over to ${label} ${last === undefined ? 'yet' : `since ${moment(last.date)} UTC`}.`;
  return {
    light: 'yellow',
    cause: 'not-copied',
    text,
    ...mend(overwinter('push'), 'sends one, where the next is due.'),
  };
}

/** What is only on a host that forgets is as good as lost. */
function forgotten({ host }: ChainFacts): Fault | undefined {
  if (host?.forgets !== true) return undefined;
  return { ...adviceOnHost(host.name), light: 'red', cause: 'host' };
}

/** Somebody has to say which of the two is the data; until then the rows of one are in no backup that a start would take. */
const keptAside = (name: string): Fault => ({
  light: 'red',
  cause: 'conflict',
  text: `${name} was refused where it was brought to, and is kept aside: it may have rows that the newest backup does not have.`,
  ...mend(
    overwinter('diff', 'latest', name),
    hint`tells. ${overwinter('restore', name)} takes it; if nothing in it is missed, remove ${name}.json.`,
  ),
});

/** A place that was named to have every backup, and does not have this one: git alone is not where it is meant to be. */
function lacking(copies: readonly CopyFacts[], newest: NewestFacts): Fault | undefined {
  const copy = keptIn({ copies }).find(({ isNewest }) => !isNewest);
  if (copy === undefined) return undefined;
  return {
    light: 'yellow',
    cause: 'not-copied',
    text: `${copy.label} does not have ${newest.name} yet, as far as this machine knows.`,
    ...mend(
      overwinter('push'),
      hint`brings it there; an app with 'keep', or one that ${overwinter('run')} started, does so by itself.`,
    ),
  };
}

function missing({ git, copies }: ChainFacts, newest: NewestFacts): Fault {
  const lacks = lacking(copies, newest);
  if (lacks !== undefined) return lacks;
  if (git.kind === 'unknown') return { ...git.trouble, light: 'yellow', cause: 'no-git' };
  if (git.kind !== 'repository') return { ...here('no repository'), cause: 'no-repository' };
  return git.remotes.length === 0 ? withoutRemote() : unpushed(git);
}

const here = (why: string) => ({ light: 'yellow' as const, text: `Kept on this machine only: there is ${why}.` });

const withoutRemote = (): Fault => ({
  ...here('no remote'),
  cause: 'no-remote',
  ...mend(
    program('gh', 'repo', 'create', '--private', '--source', '.', '--remote', 'origin', '--push'),
    'makes one on GitHub and pushes to it.',
  ),
});

function unpushed({ branch, remotes, upstream, committed, lastPushed }: RepositoryFacts): Fault {
  const [remote = 'origin'] = remotes.includes('origin') ? ['origin'] : remotes;
  const common = { light: 'yellow', cause: 'unpushed' } as const;
  if (branch === undefined)
    return {
      ...common,
      text: 'No branch is checked out, and no remote branch that is known here has the newest backup.',
    };
  if (upstream === undefined) {
    const text = `The branch ${branch} was never pushed, as far as git was told: the newest backup is on this machine only.`;
    return { ...common, text, ...mend(git('push', '-u', remote, branch), 'pushes it.') };
  }
  const last = lastPushed === undefined ? 'has none' : `ends with ${lastPushed.name}`;
  const text = `The newest backup is not pushed: ${upstream} ${last}.`;
  if (!committed) return { ...common, text, hint: hint`Once it is committed: ${git('push')}.` };
  return { ...common, text, ...mend(git('push'), 'brings it there.') };
}
