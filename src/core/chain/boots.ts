import { overwinter } from '../hint.ts';
import { noBackup } from './committed.ts';
import { bringBack, mendOf } from './drilled.ts';
import type { ChainFacts } from './facts.ts';
import { type Fault, mend, type Step, stepOf } from './step.ts';

/** A start of the app on a machine without the database would bring back what the newest backup says. */
export function boots(facts: ChainFacts): Step {
  const { boot, store, database } = facts;
  const { ifLost } = boot;
  if (store.newest === undefined)
    return stepOf(
      'boots',
      [refusal(facts), store.unreadable.length > 0 ? unreadable(facts) : noBackup(facts, 'boot from')],
      '',
    );
  const about = ifLost.kind === 'restore' ? { backup: ifLost.name } : {};
  const would =
    database.kind === 'rows' && ifLost.kind === 'restore'
      ? `A start leaves the database as it is, and would bring back ${ifLost.name} ${facts.hold?.isMeant ? 'on a machine without it' : 'if it were gone'}.`
      : `A start would ${boot.now}.`;
  return stepOf('boots', [refusal(facts), lost(facts), unreadable(facts), pointer(facts)], would, about);
}

function refusal(facts: ChainFacts): Fault | undefined {
  const { hold, boot } = facts;
  if (boot.refuses)
    return {
      light: 'red',
      cause: 'refuses',
      text: `A start would ${boot.now.replace(/^refuse to start/, 'be refused')}`,
    };
  if (boot.notWritable !== undefined) return { ...boot.notWritable, light: 'red', cause: 'not-writable' };
  if (hold === undefined) return undefined;
  if (hold.isMeant) return notBroughtBack(facts);
  const text = `A start would ${boot.now}, without the data that could not be restored.`;
  return { light: 'red', cause: 'hold', text, ...(hold.hint === undefined ? {} : { hint: hold.hint }) };
}

/** Where somebody had fakes, a start brings nothing else, not even if they are gone. */
function notBroughtBack({ boot, database }: ChainFacts): Fault | undefined {
  if (database.kind === 'rows') return undefined;
  return {
    light: 'yellow',
    cause: 'development',
    text: `A start would ${boot.now}.`,
    ...mend(overwinter('restore', 'latest'), 'brings the data itself.'),
  };
}

function lost({ boot: { ifLost }, git, store }: ChainFacts): Fault | undefined {
  if (ifLost.kind === 'fail') {
    const light = ifLost.shut ? 'yellow' : 'red';
    return { ...ifLost.trouble, light, cause: ifLost.shut ? 'no-key' : 'damaged' };
  }
  const { newest } = store;
  if (ifLost.kind === 'nothing') return noBackup({ store }, 'boot from');
  if (newest?.files.kind === 'damaged')
    return {
      light: 'red',
      cause: 'damaged',
      text: 'A start would take an older backup than the newest, which is damaged, or none.',
      ...mendOf(newest.files, git),
    };
  if (ifLost.sameAsNewest) return undefined;
  return {
    light: 'yellow',
    cause: 'other-backup',
    text: `A start here would bring back ${ifLost.name} of ${ifLost.environment}, not the newest backup, ${newest?.name} of ${newest?.environment}.`,
    ...mend(overwinter('backup'), 'makes a newer one of what is here.'),
  };
}

function unreadable({ git, store: { unreadable: reasons } }: ChainFacts): Fault | undefined {
  const [reason] = reasons;
  if (reason === undefined) return undefined;
  const others = reasons.length === 1 ? '' : ` (${reasons.length - 1} more)`;
  return {
    light: 'yellow',
    cause: 'unreadable',
    text: `A backup cannot be read, and may have been the newest: ${reason}${others}`,
    ...bringBack(git),
  };
}

function pointer({ store }: ChainFacts): Fault | undefined {
  if (store.pointer === undefined) return undefined;
  return {
    light: 'yellow',
    cause: 'pointer',
    text: `${store.pointer.replace(/^t/, 'T')}.`,
    ...mend(overwinter('backup'), 'sets it right; the newest backup is found without it.'),
  };
}
