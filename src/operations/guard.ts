import { refusal } from '../core/decide.ts';
import type { OverwinterError } from '../core/errors.ts';
import { type Known, type Loss, lossesOf, lossInWords, memoryAfter } from '../core/losses.ts';
import type { Manifest } from '../core/manifest.ts';
import { lossUnseen, tablesLost } from '../core/problems/loss.ts';
import { tableUnknown } from '../core/problems/usage.ts';
import { daysOf } from '../core/retention.ts';
import { isShortLived } from '../core/short-lived.ts';
import { type Memory, NO_MEMORY } from '../core/table-memory.ts';
import { rowsByTable, totalRows } from '../format/rows-by-table.ts';
import { isSealed } from '../format/sealed.ts';
import { recallKnown } from '../local/known-rows.ts';
import { savedMustLookFamiliar } from './familiar.ts';
import { type Before, contentsOf, countsIn, type Read } from './loss.ts';
import { type Columns, lookAtColumns } from './nulled.ts';
import type { Project } from './project.ts';

/** What may be lost, because somebody said that it is meant: everything, or rows of these tables. */
export type AllowShrink = boolean | readonly string[];

export interface Judged {
  /** What a backup of that date is to remember. */
  memory(date: Date, empty: ReadonlyMap<string, readonly string[]>): Memory;
  readonly columns: Columns;
}

const DAY = 86_400_000;

/**
 * The guard of law 4 before a database is saved. Throws BACKUP_EMPTY or BACKUP_SHRUNK, ANOTHER_DATABASE, and USAGE for a table that neither the database
 * nor the backup before has. Rows that do not make a database one that holds data do not make a backup one.
 */
export async function mustLoseNothing(
  project: Project,
  read: Read,
  before: Before,
  allow: AllowShrink,
): Promise<Judged> {
  const contents = await contentsOf(project, before.store, before.newest);
  const known = contents ? knownFrom(contents.manifest) : knownHere(project, before);
  if (allow !== true) savedMustLookFamiliar(project, read, contents?.manifest);
  const rows = countedRows(read, known);
  const folders = project.files?.folders.map(({ name }) => name) ?? [];
  mustKnow(allow, [...rows.keys(), ...(known?.rows.keys() ?? []), ...folders]);
  const columns = await lookAtColumns(read, contents);
  const losses =
    known === undefined ? [] : [...lossesOf({ rows }, known, project), ...lasting(project, columns.nulled)];
  const found = { what: project.database.label, rows, known, rowsBefore: before.rows, losses };
  const problem = verdict(project, found, allow === true ? [] : allow || []);
  if (problem !== undefined && allow !== true)
    throw isShut(before, known) && holdsAll(project, read, found)
      ? lossUnseen(project.database.label, before.rows)()
      : problem;
  const lost = allow === true && problem !== undefined ? fewerRows(rows, known) : [];
  const meant = [...lost, ...losses.map(({ table }) => table)].filter((table) => isAllowed(table, allow));
  return {
    columns,
    memory: (date, empty) =>
      memoryAfter({
        rows,
        before: known,
        meant: new Set(meant),
        empty,
        date: date.toISOString(),
        since: new Date(date.getTime() - daysOf(project.retention) * DAY).toISOString(),
      }),
  };
}

/** What this machine wrote last and cannot open again, having public keys alone. */
const knownHere = ({ local }: Project, { store, newest }: Before): Known | undefined =>
  newest && recallKnown(local, store.id, newest.digest);

export function knownFrom(manifest: Manifest): Known {
  return { date: manifest.metadata.backup_date, rows: rowsByTable(manifest), memory: manifest.memory ?? NO_MEMORY };
}

/** What is left out on purpose is not lost: it counts as what it was before, as long as so many rows are there. */
function countedRows(read: Read, known: Known | undefined): Map<string, number> {
  const had = (table: string) => known?.rows.get(table) ?? 0;
  const rows = new Map([...read.absent].map(([table, there]) => [table, Math.min(there, had(table))]));
  const all = countsIn(read, 'there');
  for (const [table, saved] of countsIn(read, 'rows')) {
    const there = all.get(table) ?? saved;
    rows.set(table, saved === there ? saved : Math.min(there, Math.max(saved, had(table))));
  }
  return rows;
}

const fewerRows = (rows: ReadonlyMap<string, number>, known: Known | undefined): string[] =>
  [...(known?.rows ?? [])].flatMap(([table, had]) => ((rows.get(table) ?? 0) < had ? [table] : []));

const isAllowed = (table: string, allow: AllowShrink) => (typeof allow === 'boolean' ? allow : allow.includes(table));

/** Losses in tables whose rows are to last. */
export const lasting = ({ mayShrink = isShortLived }: Project, losses: readonly Loss[]): Loss[] =>
  losses.filter(({ table }) => !mayShrink(table));

export interface Case {
  /** What lost rows, in words. */
  readonly what: string;
  readonly rows: ReadonlyMap<string, number>;
  /** The backup before; undefined where it cannot be opened. */
  readonly known: Known | undefined;
  /** How many rows were there before, as far as anybody can see. */
  readonly rowsBefore: number;
  readonly losses: readonly Loss[];
}

/** The refusal, where anything was lost but from the tables where that is meant. */
export function verdict(
  { maxShrink, mayShrink = isShortLived, ignoreTables }: Project,
  { what, rows, known, rowsBefore, losses }: Case,
  meant: readonly string[],
): OverwinterError | undefined {
  const sum = (counts: ReadonlyMap<string, number>, among: (table: string) => boolean) =>
    totalRows(new Map([...counts].filter(([table]) => !meant.includes(table) && among(table))));
  const tells = (table: string) => !ignoreTables.includes(table);
  const lasts = (table: string) => !mayShrink(table);
  const all = () => true;
  const refused = losses.filter(({ table }) => !meant.includes(table));
  // Only the total is known of a backup that is shut, and of a damaged one that is newer than the newest whole one.
  const isTotalAlone = known === undefined || rowsBefore > totalRows(known.rows);
  const had = (among: (table: string) => boolean) => (isTotalAlone ? rowsBefore : sum(known.rows, among));
  return (
    (sum(rows, all) > 0 ? undefined : refusal(0, had(all), maxShrink, what)) ??
    (sum(rows, tells) > 0 ? undefined : refusal(0, had(tells), maxShrink, what)) ??
    (refused.length > 0 ? lossOf(what, refused) : undefined) ??
    (isTotalAlone
      ? refusal(totalRows(rows), rowsBefore, maxShrink, what)
      : refusal(sum(rows, lasts), had(lasts), maxShrink, what))
  );
}

const lossOf = (what: string, losses: readonly Loss[]) =>
  tablesLost(what, losses.map(lossInWords).join('; '), [...new Set(losses.map(({ table }) => table))])();

const isShut = ({ newest }: Before, known: Known | undefined) =>
  known === undefined && newest !== undefined && isSealed(newest.manifest);

/** Whether all rows are there, and only nobody can see what was left out of the backup before. */
function holdsAll(project: Project, read: Read, found: Case): boolean {
  const rows = new Map([...countsIn(read, 'there'), ...read.absent]);
  return verdict(project, { ...found, rows, losses: [] }, []) === undefined;
}

function mustKnow(allow: AllowShrink, tables: readonly string[]): void {
  if (typeof allow === 'boolean') return;
  const unknown = allow.find((table) => !tables.includes(table));
  if (unknown !== undefined) throw tableUnknown(unknown, [...new Set(tables)])();
}
