import { createHash } from 'node:crypto';
import type { Alarm, AlarmEvent, Subject, Whose } from './alarm.ts';
import { isStale, MOST_GAPS } from './stale.ts';

/** How one thing stands that an alarm can be about. */
export interface Standing extends Whose {
  readonly subject: Subject;
  readonly store?: string;
  readonly state: 'fine' | 'failing' | 'stale';
  /** Since when it is so. */
  readonly since: string;
  /** How often it failed in a row. */
  readonly failures: number;
  /** Somebody was told that it fails, or is out of date. */
  readonly told: boolean;
  readonly code?: string;
  /** When it last succeeded, and how many seconds lay between the times before. */
  readonly lastFine?: string;
  readonly gaps: readonly number[];
  /** When there was last something new. */
  readonly lastNew?: string;
}

/** What came of a try. */
export interface Happening extends Whose {
  readonly subject: Subject;
  readonly store?: string;
  /** The code of the problem; undefined where it succeeded. */
  readonly code?: string;
  /** There is a new backup. */
  readonly isNew?: boolean;
  /** The places that are to have every backup of this database: what fails in another is nobody's concern any more. */
  readonly stores?: readonly string[];
}

export interface Decided {
  readonly standings: readonly Standing[];
  readonly alarms: readonly Alarm[];
}

/** What passes by itself is no alarm before the third time in a row. */
const PASSING = ['DATABASE_LOCKED'];
const PATIENCE = 3;

/** What is known after something happened, and who is to hear of it: a change is said once, and not every failure. */
export function happened(standings: readonly Standing[], happening: Happening, now: Date): Decided {
  const before = standings.find((each) => isAbout(each, happening));
  const others = standings.filter((each) => each !== before && !isGone(each, happening));
  const after = happening.code === undefined ? succeeded(before, happening, now) : failed(before, happening, now);
  // What was just tried is not out of date; the others may be.
  const looked = lookAround(others, now, after);
  const all = [...looked.standings, after];
  return { standings: all, alarms: [...looked.alarms, ...alarmsOf(before, after, all, now)] };
}

/** The same where nothing happened, which is what goes out of date. */
export function lookAround(standings: readonly Standing[], now: Date, ...beside: readonly Standing[]): Decided {
  const after = standings.map((each) =>
    each.state === 'fine' && isStale(each, [...standings, ...beside], now)
      ? { ...each, state: 'stale' as const, since: each.lastFine ?? each.since, told: true }
      : each,
  );
  const all = [...after, ...beside];
  return { standings: after, alarms: after.flatMap((each, at) => alarmsOf(standings[at], each, all, now)) };
}

/** What can be seen of databases. `isAll`: of all there are. */
export interface Known {
  readonly isAll: boolean;
  readonly standings: readonly Standing[];
}

/** What is remembered, and what can be seen where nothing is. What fails of a database that is no more is nobody's concern. */
export function withKnown(standings: readonly Standing[], { isAll, standings: known }: Known): readonly Standing[] {
  const ours = standings.filter(({ database }) => !isAll || known.some((each) => each.database === database));
  const isNew = (each: Standing) => !ours.some((other) => isAbout(other, each));
  return [...ours, ...known.filter((each) => each.lastFine !== undefined && isNew(each))];
}

const isGone = ({ database, store }: Standing, happening: Happening) =>
  store !== undefined && database === happening.database && happening.stores?.includes(store) === false;

const isAbout = (standing: Standing, { subject, database, store }: Pick<Happening, 'subject' | 'database' | 'store'>) =>
  standing.subject === subject && standing.database === database && standing.store === store;

function succeeded(before: Standing | undefined, happening: Happening, now: Date): Standing {
  const time = now.toISOString();
  const last = before?.lastFine;
  const gap = last === undefined ? undefined : Math.round((now.getTime() - Date.parse(last)) / 1000);
  const gaps = [...(before?.gaps ?? []), ...(gap === undefined || gap < 0 ? [] : [gap])].slice(-MOST_GAPS);
  const lastNew = happening.isNew ? time : before?.lastNew;
  return {
    ...whatOf(happening),
    state: 'fine',
    since: before?.state === 'fine' ? before.since : time,
    failures: 0,
    told: false,
    lastFine: time,
    gaps,
    ...(lastNew === undefined ? {} : { lastNew }),
  };
}

function failed(before: Standing | undefined, happening: Happening, now: Date): Standing {
  const { code = '' } = happening;
  const failures = (before?.failures ?? 0) + 1;
  const isGrave = !PASSING.includes(code) || failures >= PATIENCE;
  const wasAmiss = before !== undefined && before.state !== 'fine';
  return {
    ...whatOf(happening),
    // CI has a limit of its own.
    state: code === 'BACKUP_STALE' ? 'stale' : 'failing',
    since: wasAmiss ? before.since : now.toISOString(),
    failures,
    told: (before?.told ?? false) || isGrave,
    code,
    gaps: before?.gaps ?? [],
    ...(before?.lastFine === undefined ? {} : { lastFine: before.lastFine }),
    ...(before?.lastNew === undefined ? {} : { lastNew: before.lastNew }),
  };
}

const whatOf = ({ project, database, environment, subject, store }: Happening) => ({
  project,
  database,
  environment,
  subject,
  ...(store === undefined ? {} : { store }),
});

/** What the way from one standing to the next is to be called. */
function eventOf(before: Standing | undefined, after: Standing): AlarmEvent | undefined {
  if (after.state === 'fine') {
    if (before?.told) return 'recovery';
    return after.subject === 'backup' && after !== before ? 'success' : undefined;
  }
  // Out of date and then failing as well is one alarm.
  if (!after.told || before?.told) return undefined;
  return after.state === 'stale' ? 'stale' : 'failure';
}

function alarmsOf(
  before: Standing | undefined,
  after: Standing,
  all: readonly Standing[],
  now: Date,
): readonly Alarm[] {
  const event = before === after ? undefined : eventOf(before, after);
  const calm = all.every(({ state }) => state === 'fine');
  // A monitor that is told of a success takes all to be well.
  if (event === undefined || (event === 'success' && !calm)) return [];
  const since = event === 'recovery' ? before?.since : event === 'success' ? undefined : after.since;
  const { project, database, environment, subject, store, code } = after;
  const what = {
    event,
    ...{ project, database, environment, subject },
    time: now.toISOString(),
    ...(store === undefined ? {} : { store }),
    ...(code === undefined ? {} : { code }),
    ...(since === undefined ? {} : { since }),
    calm,
  };
  return [{ id: createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16), ...what }];
}
