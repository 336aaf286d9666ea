import { duckdbProblem } from './duckdb-problem.ts';
import { quoted } from './names.ts';
import { catalogOf, openFile } from './open.ts';
import { rowsFrom } from './rows-sql.ts';
import { readTables } from './tables.ts';

/** Brings what lies beside a file of ours into it, and reads every value once: DuckDB checks its blocks as it reads them. */
export async function checkpoint(file: string, of: string, label: string): Promise<void> {
  const db = await openFile(file, { label, catalog: catalogOf(of), write: true });
  try {
    await db.run('CHECKPOINT');
    for (const table of await readTables(db)) {
      const read = table.columns
        .filter(({ isGenerated }) => !isGenerated)
        .map(({ name }) => `bit_xor(hash(${quoted(name)}))`);
      await db.rows(`SELECT ${read.join(', ')} FROM ${rowsFrom({ table })}`);
    }
  } catch (error) {
    throw duckdbProblem(label, error);
  } finally {
    db.close();
  }
}
