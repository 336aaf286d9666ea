import { unlessHindered } from '../../core/damage.ts';
import type { RowChange } from '../../core/diff.ts';
import { parse } from '../../core/json.ts';
import { userName } from '../../core/names.ts';
import { type LeftOut, leftOutOf } from '../../core/privacy/left-out.ts';
import { tableHasNoIdentity } from '../../core/problems/some-rows.ts';
import type { RowsBrought, RowsWanted } from '../../engines/engine.ts';
import type { Snapshot } from '../../local/snapshots.ts';
import { type Diff, diff } from '../../operations/diff.ts';
import { linesAt } from '../../operations/grid.ts';
import type { OnProgress, Project } from '../../operations/project.ts';
import { restoreRows, tryRestoreRows } from '../../operations/restore-rows.ts';
import { keyIn } from './browse.ts';
import { opened } from './opened.ts';

/** What of a backup is to come back. */
export type Scope =
  | { readonly kind: 'all' }
  /** `exact`: rows that the backup does not have go. `withParents`: missing rows that these point to come along. */
  | {
      readonly kind: 'tables';
      readonly tables: readonly string[];
      readonly exact: boolean;
      readonly withParents: boolean;
    }
  /** Rows by their numbers in the backup's table. */
  | {
      readonly kind: 'rows';
      readonly table: string;
      readonly numbers: readonly number[];
      readonly withParents: boolean;
    };

export interface ScopeOf {
  readonly name: string;
  readonly scope: Scope;
}

/** What bringing a backup back would do: how the database would differ from what it is now, or why there is nothing to compare with. */
export type Plan = { readonly leftOut: LeftOut; readonly warnings: readonly string[]; readonly isPartly?: true } & (
  | { readonly kind: 'diff'; readonly diff: Diff }
  | { readonly kind: 'nothing-there' | 'unreadable'; readonly tables: number; readonly rows: number }
);

/** Rows of some tables that came back. */
export interface Brought {
  readonly name: string;
  readonly rows: number;
  readonly warnings: readonly string[];
  readonly snapshot: Snapshot | undefined;
}

/** How many of the changed rows of a table a comparison shows. */
export const ROWS_TO_SHOW = 50;

export async function plan(project: Project, { name, scope }: ScopeOf, onProgress: OnProgress): Promise<Plan> {
  // Opened even where nothing is compared: whoever lacks the key is to learn it here.
  const { metadata } = (await opened(project, userName(name))).manifest;
  if (scope.kind !== 'all') return somePlan(project, name, scope, onProgress);
  const common = { leftOut: leftOutOf(metadata), warnings: [] };
  const whole = { ...common, tables: metadata.tables, rows: metadata.rows };
  let state: string;
  try {
    state = (await project.database.state(project.ignoreTables)).kind;
  } catch (error) {
    unlessHindered(error);
    return { kind: 'unreadable', ...whole };
  }
  if (state === 'missing' || state === 'blank') return { kind: 'nothing-there', ...whole };
  return { kind: 'diff', diff: turned(await diff(project, name, undefined, ROWS_TO_SHOW, onProgress)), ...common };
}

type Some = Exclude<Scope, { readonly kind: 'all' }>;

/** Tried as it would be done, so that whatever would stand in the way says so now. */
async function somePlan(project: Project, name: string, scope: Some, onProgress: OnProgress): Promise<Plan> {
  const { rows, keys } = await wantedRows(project, name, scope);
  const brought = await tryRestoreRows(project, { name, rows, onProgress });
  const whole = turned(await diff(project, name, undefined, ROWS_TO_SHOW, onProgress));
  const countIn = (counts: RowsBrought['added'], table: string) => counts.get(table) ?? 0;
  const tables = new Set([...brought.added.keys(), ...brought.changed.keys(), ...brought.removed.keys()]);
  const isMeant = ({ kind, key }: RowChange) =>
    (kind !== 'removed' || rows.exact) && (keys === undefined || keys.has(key));
  return {
    kind: 'diff',
    isPartly: true,
    leftOut: {},
    warnings: brought.warnings,
    diff: {
      ...whole,
      schema: { added: [], changed: [], removed: [] },
      tables: [...tables].map((table) => {
        const found = whole.tables.find((each) => each.table === table);
        return {
          table,
          added: countIn(brought.added, table),
          changed: countIn(brought.changed, table),
          removed: countIn(brought.removed, table),
          rowsBefore: found?.rowsBefore ?? 0,
          rowsAfter: found?.rowsAfter ?? 0,
          rows: (found?.rows ?? []).filter(isMeant),
        };
      }),
    },
  };
}

export async function bringRows(
  project: Project,
  { name, scope }: { name: string; scope: Some },
  onProgress: OnProgress,
): Promise<Brought> {
  const { rows } = await wantedRows(project, name, scope);
  const { added, changed, removed, warnings, snapshot } = await restoreRows(project, { name, rows, onProgress });
  const all = [added, changed, removed].flatMap((counts) => [...counts.values()]);
  return { name, rows: all.reduce((sum, count) => sum + count, 0), warnings, snapshot };
}

/** `keys`: of the rows that are meant, as a comparison calls them; undefined where all of a table are. */
async function wantedRows(
  project: Project,
  name: string,
  scope: Some,
): Promise<{ readonly rows: RowsWanted; readonly keys: ReadonlySet<string> | undefined }> {
  const { withParents } = scope;
  if (scope.kind === 'tables')
    return { rows: { tables: scope.tables, exact: scope.exact, withParents }, keys: undefined };
  const { table, numbers } = scope;
  const { manifest, store } = await opened(project, userName(name));
  const lines = await linesAt(store, manifest.data.get(table) ?? { rows: [] }, numbers);
  const conditions: string[] = [];
  const keys = new Set<string>();
  for (const { line } of lines) {
    const key = await keyIn(project, manifest, table, line);
    const tests = key.map(([column, value]) => testOf(column, value));
    if (tests.length === 0 || tests.includes(undefined)) throw tableHasNoIdentity(table)();
    conditions.push(`(${tests.join(' AND ')})`);
    keys.add(key.map(([, value]) => value).join(','));
  }
  const where = conditions.length === 0 ? '1 = 0' : conditions.join(' OR ');
  return { rows: { tables: [table], where, exact: false, withParents }, keys };
}

/** In SQL, of nothing but a name and a literal; undefined for a value that cannot be written as one. */
function testOf(column: string, value: string): string | undefined {
  const name = `"${column.replaceAll('"', '""')}"`;
  if (/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(value)) return `${name} = ${value}`;
  const text = value.startsWith('"') ? String(parse(value)) : '\0';
  return text.includes('\0') ? undefined : `${name} = '${text.replaceAll("'", "''")}'`;
}

/** The comparison of a backup with now, read from the other side. */
function turned({ from, to, tables, schema, files }: Diff): Diff {
  const opposite = (kind: RowChange['kind']) => (kind === 'changed' ? kind : kind === 'added' ? 'removed' : 'added');
  const flip = ({ kind, key, before, after }: RowChange): RowChange => ({
    kind: opposite(kind),
    key,
    ...(after === undefined ? {} : { before: after }),
    ...(before === undefined ? {} : { after: before }),
  });
  return {
    from: to,
    to: from,
    tables: tables.map(({ table, added, changed, removed, rowsBefore, rowsAfter, rows }) => ({
      table,
      added: removed,
      changed,
      removed: added,
      rowsBefore: rowsAfter,
      rowsAfter: rowsBefore,
      rows: rows.map(flip),
    })),
    schema: { added: schema.removed, changed: schema.changed, removed: schema.added },
    ...(files === undefined
      ? {}
      : {
          files: {
            added: files.removed,
            changed: files.changed,
            removed: files.added,
            paths: files.paths.map(({ kind, path }) => ({ kind: opposite(kind), path })),
          },
        }),
  };
}
