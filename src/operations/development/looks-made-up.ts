import { lookMadeUp } from '../../core/fakes/looks-fake.ts';
import { isFakeKind } from '../../core/privacy/fake-kinds.ts';
import { looksMadeUp } from '../../core/problems/fakes.ts';
import type { Reading } from '../../engines/engine.ts';
import { readNote } from '../../local/notes.ts';
import type { Project } from '../project.ts';
import { REAL } from './mark.ts';
import { namedBy } from './why-held.ts';

/** How many rows of a table are looked at. */
const ROWS = 50;

/**
 * Where the mark of a database is lost, or its file came from elsewhere, what stands in it tells. Throws HELD where a column's values
 * look made up, unless somebody said that they are the data.
 */
export async function mustNotLookMadeUp(
  { database, identity, local, privacy }: Project,
  { codec, tables }: Pick<Reading, 'codec' | 'tables'>,
): Promise<void> {
  const { fake } = privacy ?? {};
  if (fake === undefined || readNote(local, REAL, database.id) !== undefined) return;
  const columns: string[] = [];
  for (const [name, said] of Object.entries(fake)) {
    const table = tables.find((each) => codec.fold(each.name) === codec.fold(name));
    if (said === 'empty' || table === undefined) continue;
    const samples = await table.samples(ROWS);
    for (const [column, kind] of Object.entries(said)) {
      const [, values = []] = [...samples].find(([each]) => codec.fold(each) === codec.fold(column)) ?? [];
      if (isFakeKind(kind) && lookMadeUp(kind, values)) columns.push(`${table.name}.${column}`);
    }
  }
  if (columns.length > 0) throw looksMadeUp(database.label, columns.join(', '), namedBy({ database, identity }))();
}
