import { keyOf } from '../../core/diff.ts';
import { columnsChanged } from '../../core/row-key.ts';
import type { InRepository } from '../../stores/git/committed-store.ts';
import type { Skipped } from '../catalog.ts';
import { compareTable, type TableDiff } from '../compare-table.ts';
import type { Project } from '../project.ts';
import { neighbours } from './neighbours.ts';
import type { Log } from './row-log.ts';
import { type TableState, tableReader } from './table-in-time.ts';
import { type Version, withTimeline } from './timeline.ts';

/** What became of a table between a backup and the one before it. */
export interface TableEvent {
  readonly version: Version;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Where the table itself came, went, or is defined in another way. */
  readonly definition?: 'added' | 'changed' | 'removed';
  /** Columns that rows have now and had not before, and the other way round. */
  readonly columns: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

/** The history of a table. Throws what the history of a row throws. */
export function tableLog(
  project: Project,
  place: InRepository | undefined,
  table: string,
  most: number,
): Promise<Log<TableEvent>> {
  return withTimeline(project, place, async ({ versions, skipped, shallow }) => {
    const reader = tableReader(project, table);
    const passed: Skipped[] = [];
    const events: TableEvent[] = [];
    let backups = 0;
    for await (const { version, before, after } of neighbours(versions, reader.stateOf, (each) => passed.push(each))) {
      backups++;
      const found = await compare(before, after);
      if (found !== undefined) events.push({ version, ...found });
      if (events.length >= most) break;
    }
    if (versions.length > 0) reader.mustBeKnown();
    return { events, backups, skipped: [...skipped, ...passed], shallow };

    async function compare(was: TableState | undefined, is: TableState) {
      const [old, now] = [was?.definition, is.definition];
      const known = now ?? old;
      if (known === undefined) return undefined;
      const { key } = await reader.tableKeyOf(known, (now === undefined ? was : is)?.content ?? is.content);
      const rowIn = (line: string) => keyOf(line, key, project.database.codec.ownNumber);
      const definition = definitionChange(old?.sql, now?.sql);
      const named = (state: TableState | undefined) => ({
        store: (state ?? is).store,
        content: {
          ...(state ?? is).content,
          data: new Map([[known.name, state?.content.data.get(state.definition?.name ?? '') ?? { rows: [] }]]),
        },
      });
      const diff = await compareTable(known.name, named(was), named(is), rowIn, ROWS_TO_SEE_COLUMNS);
      if (definition === undefined && diff.added + diff.changed + diff.removed === 0) return undefined;
      const { added, changed, removed } = diff;
      return { added, changed, removed, ...(definition === undefined ? {} : { definition }), columns: columnsIn(diff) };
    }
  });
}

function definitionChange(old: string | undefined, now: string | undefined): TableEvent['definition'] {
  if (old === now) return undefined;
  return old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
}

/** So many of the rows that differ are looked at for columns that came or went; a change of columns is in every row. */
const ROWS_TO_SEE_COLUMNS = 100;

function columnsIn({ rows }: TableDiff): TableEvent['columns'] {
  for (const { before, after } of rows) {
    if (before === undefined || after === undefined) continue;
    const changes = columnsChanged(before, after);
    return {
      added: changes.flatMap((each) => (each.before === undefined ? [each.column] : [])),
      removed: changes.flatMap((each) => (each.after === undefined ? [each.column] : [])),
    };
  }
  return { added: [], removed: [] };
}
