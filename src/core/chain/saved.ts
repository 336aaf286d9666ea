import { hint, inTurn, overwinter, program } from '../hint.ts';
import { age, all, count, countAre, moment, number } from '../words.ts';
import { bringBack } from './drilled.ts';
import type { BesideFacts, ChainFacts, Compared, FailedTry, NewestFacts } from './facts.ts';
import { type Fault, mend, type Step, stepOf } from './step.ts';

const MONTH_MS = 30 * 86_400_000;
/** Tables that are named; the others are in the sum. */
const NAMED = 3;

/** The rows that are there now are in the newest backup. */
export function saved(facts: ChainFacts): Step {
  const { store, hold, attempt, now } = facts;
  const { newest } = store;
  return stepOf(
    'saved',
    [
      hold && heldBack(hold),
      inDatabase(facts),
      store.trouble && { ...store.trouble, light: 'red', cause: 'store' },
      attempt && lastTry(attempt, now),
      store.notWritable && { ...store.notWritable, light: 'yellow', cause: 'not-writable' },
      newest === undefined ? withoutBackup(facts) : against(facts, newest),
      newest?.beside && filesBeside(newest.beside, newest),
      store.passedOver && passedOver(store.passedOver, newest),
      store.fromTheFuture.length === 0 ? undefined : future(store.fromTheFuture, newest),
    ],
    newest === undefined ? '' : `${all(newest.rows, 'row')} in ${newest.name}.`,
    newest === undefined ? {} : { backup: newest.name, date: newest.date },
  );
}

/** Fakes are not to be saved, and so are in no backup: nothing failed. */
function heldBack({ isMeant, ...hold }: NonNullable<ChainFacts['hold']>): Fault {
  const why = isMeant
    ? ({ light: 'yellow', cause: 'development' } as const)
    : ({ light: 'red', cause: 'hold' } as const);
  return { ...hold, ...why, command: overwinter('restore', 'latest') };
}

function inDatabase({ database }: ChainFacts): Fault | undefined {
  if (database.kind === 'unreadable') return { ...database.trouble, light: 'red', cause: 'database' };
  if (database.cannotBeSaved) return { ...database.cannotBeSaved, light: 'red', cause: 'settings' };
  return undefined;
}

function lastTry({ time, trigger, refused, text, hint }: FailedTry, now: Date): Fault {
  const when = age(Math.max(0, (now.getTime() - Date.parse(time)) / 1000));
  const how = refused ? 'was refused' : 'failed';
  return {
    light: 'red',
    cause: 'attempt',
    text: `The last backup (${trigger}, ${when}) ${how}: ${text}`,
    ...(hint === undefined || hint.length === 0 ? {} : { hint }),
  };
}

function withoutBackup({ database, git, store }: ChainFacts): Fault {
  if (store.unreadable.length > 0)
    return {
      light: 'red',
      cause: 'unreadable',
      text: `No backup can be read: ${store.unreadable[0]}`,
      ...bringBack(git),
    };
  if (store.notCheckedOut !== undefined) return { ...store.notCheckedOut, light: 'red', cause: 'not-checked-out' };
  if (database.kind === 'rows')
    return {
      light: 'red',
      cause: 'no-backup',
      text: `There is no backup yet: ${countAre(database.rows, 'row')} in none.`,
      ...mend(overwinter('backup'), 'makes the first one.'),
    };
  const why = database.kind === 'empty' ? `, and ${database.why}` : '';
  return {
    light: 'yellow',
    cause: 'no-backup',
    text: `There is no backup yet${why}.`,
    hint: hint`Once the database holds data, ${overwinter('backup')} saves it.`,
  };
}

function against({ database, now }: ChainFacts, newest: NewestFacts): Fault | undefined {
  if (database.kind === 'unreadable') return undefined;
  if (database.kind === 'empty')
    return {
      light: 'yellow',
      cause: 'empty',
      text: `${database.why.replace(/^t/, 'T')}.`,
      ...mend(overwinter('restore', 'latest'), 'brings the data back now; so does the next start of the app.'),
    };
  const isOld = now.getTime() - Date.parse(newest.date) > MONTH_MS;
  return standing(newest.database, newest, isOld, age(Math.max(0, (now.getTime() - Date.parse(newest.date)) / 1000)));
}

const SAVES = 'saves what is new; every commit does too, where the hook is set up.';

function standing(compared: Compared, newest: NewestFacts, isOld: boolean, made: string): Fault | undefined {
  const light = isOld ? 'red' : 'yellow';
  switch (compared.kind) {
    case 'same':
      return undefined;
    case 'behind':
      return {
        light: 'yellow',
        cause: 'behind',
        text: `The database is of ${compared.from.name}, and a newer backup is here: ${newest.name} of ${newest.environment}.`,
        hint: hint`${overwinter('restore', 'latest')} takes the newer one, ${overwinter('backup')} says that this is meant; ${overwinter('diff')} shows the difference.`,
        command: overwinter('restore', 'latest'),
      };
    case 'unknown':
      return {
        light,
        cause: 'unknown',
        text: `Nobody has compared the database with the newest backup since it was last written to; that backup was made ${made}.`,
        ...mend(overwinter('backup'), `finds out, and ${SAVES}`),
      };
    case 'changed':
      return {
        light,
        cause: 'changed',
        ...(sumOf(compared.more) === 0 ? {} : { unsaved: sumOf(compared.more) }),
        text: `${unsaved(compared.more)}; the newest backup was made ${made}.`,
        ...mend(overwinter('backup'), SAVES),
      };
  }
}

const sumOf = (more: ReadonlyMap<string, number>) => [...more.values()].reduce((sum, rows) => sum + rows, 0);

function unsaved(more: ReadonlyMap<string, number>): string {
  const sum = sumOf(more);
  if (sum === 0) return 'The database does not say what the newest backup says';
  const largest = [...more].sort(([, a], [, b]) => b - a).slice(0, NAMED);
  const named = largest.map(([table, rows]) => `${table} ${number(rows)}`).join(', ');
  const others = more.size > NAMED ? ', …' : '';
  return `At least ${countAre(sum, 'row')} in no backup (${named}${others})`;
}

function filesBeside(beside: BesideFacts, { name }: NewestFacts): Fault | undefined {
  if (beside.kind === 'trouble') return { ...beside.trouble, light: 'red', cause: 'settings' };
  const saves = mend(overwinter('backup'), SAVES);
  if (beside.kind === 'unknown')
    return {
      light: 'yellow',
      cause: 'unknown',
      text: `Files were written to since ${name} was made, and nobody has compared them with it.`,
      ...saves,
    };
  const { changed, gone, leftOut } = beside;
  if (changed + gone > 0) {
    const what = [
      ...(changed > 0
        ? [`${countAre(changed, 'file')} in no backup as ${changed === 1 ? 'it is' : 'they are'} now`]
        : []),
      ...(gone > 0 ? [`${count(gone, 'file')} of ${name} ${gone === 1 ? 'is' : 'are'} gone`] : []),
    ];
    return { light: 'yellow', cause: 'changed', text: `${what.join(', and ')}.`, ...saves };
  }
  const [first] = leftOut;
  if (first === undefined) return undefined;
  const others = leftOut.length > 1 ? ` and ${count(leftOut.length - 1, 'other')}` : '';
  return {
    light: 'yellow',
    cause: 'changed',
    text: `No backup can hold ${first}${others}.`,
    ...mend(overwinter('backup', '--dry-run'), 'says why, of each.'),
  };
}

function passedOver({ name, since }: { readonly name: string; readonly since?: string }, newest?: NewestFacts): Fault {
  const from = since === undefined ? [name] : [since, name];
  return {
    light: 'yellow',
    cause: 'passed-over',
    text: `${name} was saved beside what ${newest?.name ?? 'the newest backup'} goes on from: the newest backup does not have what it brought.`,
    ...mend(
      overwinter('diff', ...from),
      hint`shows what. ${overwinter('restore', name, '--table', 'TABLE', '--where', 'CONDITION')} brings rows back; ${overwinter('backup')} says that nothing in it is missed.`,
    ),
  };
}

function future(names: readonly string[], newest: NewestFacts | undefined): Fault {
  const text = `The newest backup says that it was made on ${moment(newest?.date ?? '')}, which is still to come: a clock was wrong, and nobody knows how old it is.`;
  const remove = program('rm', ...names.map((name) => ({ backups: `${name}.json` })));
  return {
    light: 'yellow',
    cause: 'future',
    text,
    hint: hint`Where the clock is right and the rows are in the database, ${inTurn(remove, overwinter('backup'))} dates them anew.`,
  };
}
