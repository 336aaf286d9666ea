/** What a backup does not hold of its database. The manifest says it in these words, so a restore needs no configuration. */
export interface LeftOut {
  /** Columns whose values are not in it, by table. */
  readonly redacted?: Readonly<Record<string, readonly string[]>>;
  /** Those of them for which every row holds a declared value instead. */
  readonly replaced?: Readonly<Record<string, readonly string[]>>;
  /** Tables of which it holds the rows that meet a condition. */
  readonly included?: Readonly<Record<string, string>>;
  /** Tables of which it holds the structure alone, or nothing. */
  readonly excluded?: Readonly<Record<string, Exclusion>>;
}

export type Exclusion = 'rows' | 'whole';

/** A value that stands in a backup where another was. */
export type Replacement = string | number;

/** What a reading leaves out, and what it puts there instead. */
export interface Selection extends LeftOut {
  readonly values?: Readonly<Record<string, Readonly<Record<string, Replacement>>>>;
}

/** A table's own entry; a table may be called like something every object has. */
export function entryOf<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The columns that rows do not have at all. */
export function missingColumns({ redacted, replaced }: LeftOut, table: string): readonly string[] {
  const there = entryOf(replaced, table) ?? [];
  return (entryOf(redacted, table) ?? []).filter((column) => !there.includes(column));
}

/** What is left out of a database that was restored from such a backup. */
export function stillMissing(leftOut: LeftOut): Selection {
  const tables = Object.keys(leftOut.redacted ?? {}).map((table) => [table, missingColumns(leftOut, table)] as const);
  return { redacted: Object.fromEntries(tables) };
}

/** Only these facts, in one order and without empty ones. */
export function leftOutOf({ redacted, replaced, included, excluded }: LeftOut): LeftOut {
  const has = (record: object | undefined) => record !== undefined && Object.keys(record).length > 0;
  return {
    ...(has(redacted) ? { redacted } : {}),
    ...(has(replaced) ? { replaced } : {}),
    ...(has(included) ? { included } : {}),
    ...(has(excluded) ? { excluded } : {}),
  };
}

/** Whether two backups say the same: of what they hold, and of what they do not. */
export function saysTheSame<T extends LeftOut & { readonly content: string }>(a: T, b: T): boolean {
  return a.content === b.content && leavesOutTheSame(a, b);
}

export function leavesOutTheSame(a: LeftOut, b: LeftOut): boolean {
  return JSON.stringify(leftOutOf(a)) === JSON.stringify(leftOutOf(b));
}

/** A table of which something is said to be left out that cannot be so, where only these tables are there, and some are the engine's own. */
export function unknownTableIn(
  { redacted = {}, replaced = {}, included = {}, excluded = {} }: LeftOut,
  tables: ReadonlySet<string>,
  isInternal: (table: string) => boolean,
): string | undefined {
  const ofTables = [redacted, replaced, included].flatMap((each) => Object.keys(each));
  // One that is left out whole is not there.
  const gone = Object.entries(excluded).map(([name, what]) => [name, what === 'rows'] as const);
  const said = [...ofTables.map((name) => [name, true] as const), ...gone];
  return said.find(([name, isThere]) => isInternal(name) || tables.has(name) !== isThere)?.[0];
}

/** For people: `users.password_hash, rows of users unless active = 1`. Undefined where nothing is left out. */
export function leftOutInWords(leftOut: LeftOut): string | undefined {
  const columns = Object.entries(leftOut.redacted ?? {}).flatMap(([table, names]) =>
    names.map((name) => `${table}.${name}`),
  );
  const rows = Object.entries(leftOut.included ?? {}).map(
    ([table, condition]) => `rows of ${table} unless ${condition}`,
  );
  const tables = Object.entries(leftOut.excluded ?? {}).map(([table, what]) =>
    what === 'whole' ? `the table ${table}` : `the rows of ${table}`,
  );
  const all = [...columns, ...rows, ...tables];
  // Names come out of a manifest, which is somebody's text: nothing in it may speak to a terminal.
  return all.length === 0 ? undefined : all.join(', ').replace(/\p{Cc}/gu, '·');
}

/** Whether backups know nothing of a table. */
export const isLeftOutWhole = (selection: Selection, table: string) => entryOf(selection.excluded, table) === 'whole';
