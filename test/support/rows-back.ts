import { expect } from 'vitest';
import type { RowsWanted } from '../../src/engines/engine.ts';
import type { LocalProject } from '../../src/operations/project.ts';
import { type RestoredRows, restoreRows, tryRestoreRows } from '../../src/operations/restore-rows.ts';

export const rowsWanted = (tables: readonly string[], more: Partial<RowsWanted> = {}): RowsWanted => ({
  tables,
  exact: false,
  withParents: false,
  ...more,
});

const counted = ({ added, changed, removed, warnings }: RestoredRows) => ({
  added: Object.fromEntries(added),
  changed: Object.fromEntries(changed),
  removed: Object.fromEntries(removed),
  warnings,
});

/**
 * Brings rows of the backup `then` back; what is only tried before says what is done, or why it is not. `untouched` looks whether the
 * database is what it was: after the trial, and where nothing came back.
 */
export async function bring(
  project: LocalProject,
  tables: readonly string[],
  more: Partial<RowsWanted> = {},
  untouched = () => {},
) {
  const asked = { name: 'then', rows: rowsWanted(tables, more) };
  const tried = await tryRestoreRows(project, asked).then(counted, String);
  untouched();
  const done = await restoreRows(project, asked).catch((error: unknown) => {
    expect(tried).toBe(String(error));
    untouched();
    throw error;
  });
  expect(tried).toEqual(counted(done));
  return counted(done);
}
