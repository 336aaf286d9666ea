import { join } from 'node:path';
import { reasonOf } from '../../../core/errors.ts';
import type { Saved } from '../../../core/manifest.ts';
import { conditionUnclear, encodingChanged } from '../../../core/problems/some-rows.ts';
import type { Bringing, RowsWanted, SliceSource } from '../../engine.ts';
import { build } from '../build.ts';
import { makeWithOldStrings } from '../old-strings.ts';
import { type Db, openForBuilding, openForReading, openForWriting, type SqliteOptions, withProblems } from '../open.ts';
import { quoted, readSettings } from '../schema.ts';
import { isOfTheFile } from '../sqlite-problem.ts';
import { contentFor, type Shape, shapeOf, type WantedTable } from './wanted-tables.ts';

/** The backup's rows in a file of their own, in tables that are defined as those they are for. */
export interface Source {
  readonly path: string;
  readonly shapes: readonly Shape[];
}

/** Rows that meet the condition, by what stands for them. */
export const WANTED = 'overwinter wanted';

export async function makeSource(
  live: Db,
  content: Saved,
  slices: SliceSource,
  wanted: RowsWanted,
  tables: readonly WantedTable[],
  { scratch, onRows }: Bringing,
  options: SqliteOptions,
): Promise<Source> {
  const { encoding } = readSettings(live);
  if (encoding !== content.settings.encoding) throw encodingChanged(encoding, String(content.settings.encoding))();
  const built = join(scratch, 'rows.db');
  await build(built, contentFor(content, tables), slices, onRows, options);
  const source = openForReading(built, options);
  const shapes = tables.map((table, at) => shapeOf(live, table, source, content, at));
  source.close();
  const isAlike = tables.every(({ definition, saved }) => definition.sql === saved.sql);
  const path = isAlike ? built : reshape(built, join(scratch, 'reshaped.db'), shapes, encoding, options);
  if (wanted.where !== undefined) select(path, shapes, wanted.where, options);
  return { path, shapes };
}

/** Migrations changed the tables since: the rows go into tables as they are now, by column name. */
function reshape(
  from: string,
  path: string,
  shapes: readonly Shape[],
  encoding: string,
  options: SqliteOptions,
): string {
  const db = openForBuilding(path, options);
  try {
    return withProblems(path, () => {
      db.pragma(`encoding = '${encoding}'`);
      db.prepare('ATTACH ? AS saved').run(from);
      db.exec('BEGIN');
      for (const { definition, table, saved, inserted } of shapes) {
        makeWithOldStrings(db, definition);
        const number = table.hiddenRowid && table.rowid !== undefined ? [table.rowid] : [];
        const columns = [...number, ...inserted].join(', ');
        db.exec(
          `INSERT OR ABORT INTO main.${quoted(table.name)}(${columns}) SELECT ${columns} FROM saved.${quoted(saved.name)}`,
        );
      }
      db.exec('COMMIT; DETACH saved');
      return path;
    });
  } finally {
    db.close();
  }
}

/** Asks the condition of the backup's rows, where there is nothing else that it could reach. Throws USAGE for one that cannot be asked. */
function select(path: string, shapes: readonly Shape[], where: string, options: SqliteOptions): void {
  const [shape] = shapes.filter(({ isAsked }) => isAsked);
  if (shape === undefined) return;
  const db = openForWriting(path, options);
  const { ids, table } = shape;
  try {
    db.prepare(
      `CREATE TABLE ${quoted(WANTED)} AS SELECT ${ids.map((id, at) => `${id} AS i${at}`).join(', ')} FROM ${quoted(table.name)} WHERE ${asCondition(where)}`,
    ).run();
  } catch (error) {
    if (isOfTheFile(error)) throw error;
    throw conditionUnclear(table.name, reasonOf(error))(error);
  } finally {
    db.close();
  }
}

/** A comment at its end is not to take along what stands behind it. */
export const asCondition = (where: string): string => `(${where}\n)`;
