import { count, type Fields, line, oneOf } from '../fields.ts';
import { JsonSyntaxError } from '../json.ts';
import { ALARM_EVENTS, type Alarm, SUBJECTS } from './alarm.ts';
import { MOST_GAPS } from './stale.ts';
import type { Standing } from './standing.ts';

/** What a project's machine remembers of its alarms. */
export interface AlarmMemory {
  readonly standings: readonly Standing[];
  /** How it goes with each receiver, by its id. */
  readonly receivers: ReadonlyMap<string, ReceiverMemory>;
}

export interface ReceiverMemory {
  /** What it has not got yet, oldest first. */
  readonly due: readonly Alarm[];
  /** Why it has not. */
  readonly failure?: DeliveryFailure;
  /** When it last got something. */
  readonly reached?: string;
}

export interface DeliveryFailure {
  readonly since: string;
  /** When it was last tried, and how often in a row. */
  readonly time: string;
  readonly tries: number;
  /** The end of a sentence. */
  readonly reason: string;
}

export const NOTHING_KNOWN: AlarmMemory = { standings: [], receivers: new Map() };

/** A machine that was away for weeks is not to send hundreds. */
export const MOST_DUE = 20;
const MOST_STANDINGS = 500;
const LONGEST = 300;
const STATES = ['fine', 'failing', 'stale'] as const;

/** Reads what stands in a file. Whatever is not as it was written is not believed: nothing is known then. */
export function readAlarmMemory(text: string | undefined): AlarmMemory {
  try {
    const { standings, receivers } = record(JSON.parse(text ?? ''));
    return {
      standings: list(standings, MOST_STANDINGS).map((each) => readStanding(record(each))),
      receivers: new Map(Object.entries(record(receivers)).map(([id, each]) => [id, readReceiver(record(each))])),
    };
  } catch {
    return NOTHING_KNOWN;
  }
}

export function alarmMemoryText({ standings, receivers }: AlarmMemory): string {
  return `${JSON.stringify({ standings, receivers: Object.fromEntries(receivers) })}\n`;
}

function readStanding(fields: Fields): Standing {
  const { told, gaps } = fields;
  return {
    ...whose(fields),
    ...optional(fields, 'store', short),
    state: oneOf(fields, 'state', STATES),
    since: date(fields, 'since'),
    failures: count(fields, 'failures'),
    told: told === true,
    ...optional(fields, 'code', short),
    ...optional(fields, 'lastFine', date),
    gaps: list(gaps, MOST_GAPS).map((gap) => count({ gap }, 'gap')),
    ...optional(fields, 'lastNew', date),
  };
}

function readReceiver(fields: Fields): ReceiverMemory {
  return {
    due: list(fields.due, MOST_DUE).map((each) => readAlarm(record(each))),
    ...optional(fields, 'failure', (of, key) => readFailure(record(of[key]))),
    ...optional(fields, 'reached', date),
  };
}

const readFailure = (fields: Fields): DeliveryFailure => ({
  since: date(fields, 'since'),
  time: date(fields, 'time'),
  tries: count(fields, 'tries'),
  reason: short(fields, 'reason'),
});

const readAlarm = (fields: Fields): Alarm => ({
  id: short(fields, 'id'),
  event: oneOf(fields, 'event', ALARM_EVENTS),
  ...whose(fields),
  time: date(fields, 'time'),
  ...optional(fields, 'store', short),
  ...optional(fields, 'code', short),
  ...optional(fields, 'since', date),
  calm: fields.calm === true,
});

const whose = (fields: Fields) => ({
  project: short(fields, 'project'),
  database: short(fields, 'database'),
  environment: short(fields, 'environment'),
  subject: oneOf(fields, 'subject', SUBJECTS),
});

/** The field where it is there, read as it must be. */
const optional = <K extends string, T>(
  fields: Fields,
  key: K,
  read: (fields: Fields, key: string) => T,
): { readonly [key in K]?: T } | Record<never, never> =>
  fields[key] === undefined ? {} : { [key]: read(fields, key) };

function short(fields: Fields, key: string): string {
  const value = line(fields, key);
  if (value.length > LONGEST) throw new JsonSyntaxError(`too much in ${key}`);
  return value;
}

function date(fields: Fields, key: string): string {
  const value = short(fields, key);
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) || Number.isNaN(Date.parse(value)))
    throw new JsonSyntaxError(`no date in ${key}`);
  return value;
}

function record(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new JsonSyntaxError('no object');
  return { ...value };
}

function list(value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new JsonSyntaxError('no list of what may be there');
  return value;
}
