import { nearest } from '../nearest.ts';

/** What a fake can be of. */
export const FAKE_KINDS = [
  'name',
  'email',
  'phone',
  'address',
  'city',
  'company',
  'url',
  'ip',
  'text',
  'number',
  'date',
  'uuid',
  'token',
] as const;

/**
 * What stands in a column of a database that was made for development, in place of what was there. `text` is as long as what it
 * stands for, a `number` has as many digits, a `date` is of the same year or one beside it, and a `token` has the same look.
 */
export type FakeKind = (typeof FAKE_KINDS)[number];

export const isFakeKind = (value: unknown): value is FakeKind => FAKE_KINDS.some((kind) => kind === value);

/** `null`: the column is empty. `keep`: it stays as it is, whatever stands in it. */
export type FakeOfColumn = FakeKind | 'keep' | null;

/** By table its columns; `empty`: the table has no rows. */
export type FakesConfig = Readonly<Record<string, Readonly<Record<string, FakeOfColumn>> | 'empty'>>;

/** Their values are somebody's, and nobody else's: where one stands elsewhere it is a copy. */
const IDENTIFYING: readonly FakeKind[] = ['email', 'phone', 'url', 'ip', 'uuid', 'token', 'text'];
export const isIdentifying = (kind: FakeKind): boolean => IDENTIFYING.includes(kind);

/** Two columns may have these by chance. */
const SHARED: readonly FakeKind[] = ['number', 'date'];
export const isTelling = (kind: FakeKind): boolean => !SHARED.includes(kind);

const EXAMPLE = "{ users: { email: 'email' }, sessions: 'empty' }";

/** What is wrong with a configuration's `fake`, as the end of a sentence that names the column; undefined if nothing is. */
export function faultInFakes(fakes: unknown): string | undefined {
  if (!isObject(fakes)) return `must be an object, as in ${EXAMPLE}`;
  return Object.entries(fakes)
    .map(([table, said]) => faultInTable(table, said))
    .find((fault) => fault !== undefined);
}

function faultInTable(table: string, said: unknown): string | undefined {
  if (said === 'empty') return undefined;
  if (!isObject(said)) return fault(table, said, ['empty'], `which must be columns or 'empty', as in ${EXAMPLE}`);
  const wrong = Object.entries(said).find(([, kind]) => kind !== null && kind !== 'keep' && !isFakeKind(kind));
  if (wrong === undefined) return undefined;
  const [column, kind] = wrong;
  const rule = `which must be null, 'keep', or one of: ${FAKE_KINDS.join(', ')}`;
  return fault(`${table}.${column}`, kind, [...FAKE_KINDS, 'keep'], rule);
}

/** No word is as long: what is may be a value that somebody put there. */
const LONGEST = 30;

function fault(of: string, said: unknown, words: readonly string[], rule: string): string {
  if (typeof said !== 'string' || said.length > LONGEST) return `says something else of ${of}, ${rule}`;
  const meant = nearest(said, words);
  return `says '${said}' of ${of}${meant === undefined ? `, ${rule}` : `; did you mean '${meant}'?`}`;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
