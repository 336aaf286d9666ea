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
