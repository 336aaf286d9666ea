import { join } from 'node:path';
import { reasonOf } from '../../../core/errors.ts';
import type { Saved, SchemaObject } from '../../../core/manifest.ts';
import { realPath } from '../../../files/real-path.ts';
import type { Bringing, RowsBrought, RowsWanted, SliceSource } from '../../engine.ts';
import { copy } from '../files.ts';
import { isSameName } from '../names.ts';
import { makeWithOldStrings } from '../old-strings.ts';
import { type Db, openForReading, openForWriting, type SqliteOptions } from '../open.ts';
import { quoted, readSchema } from '../schema.ts';
import { contentOf } from '../sql/indexes.ts';
import { isVirtualDefinition } from '../sql/virtual-tables.ts';
import { sqliteProblem } from '../sqlite-problem.ts';
import { apply } from './apply.ts';
import { type Counts, plan } from './plan.ts';
import { watchReferences } from './references.ts';
import { makeSource, type Source } from './source.ts';
import { type Shape, wantedTables } from './wanted-tables.ts';

/**
 * Makes the backup's tables beside, works out what differs, and does it in one transaction of the database's own: whoever dies meanwhile leaves it
 * as it was. What is only tried is done to a copy.
 */
export async function bringRows(
  path: string,
  content: Saved,
  slices: SliceSource,
  wanted: RowsWanted,
  bringing: Bringing,
  options: SqliteOptions,
): Promise<RowsBrought> {
  const live = openForReading(path, options);
  let source: Source;
  try {
    const tables = wantedTables(live, content, wanted);
    source = await makeSource(live, content, slices, wanted, tables, bringing, options);
  } catch (error) {
    throw sqliteProblem(path, error);
  } finally {
    live.close();
  }
  const { first } = bringing;
  if (first !== undefined) return bringInto(realPath(path), path, source, wanted, first, options);
  const tried = join(bringing.scratch, 'tried.db');
  await copy(realPath(path), tried, options);
  return bringInto(tried, path, source, wanted, async () => {}, options);
}

async function bringInto(
  path: string,
  label: string,
  source: Source,
  wanted: RowsWanted,
  first: () => Promise<void>,
  options: SqliteOptions,
): Promise<RowsBrought> {
  const db = openForWriting(path, options);
  try {
    db.pragma('synchronous = full');
    db.prepare('ATTACH ? AS saved').run(source.path);
    db.exec('BEGIN IMMEDIATE');
    const counts = plan(db, source.shapes, wanted);
    const touched = new Map([...counts].filter(([, { added, changed, removed }]) => added + changed + removed > 0));
    if (touched.size === 0) return brought(counts, []);
    await first();
    const loose = watchReferences(db, counts);
    const shapes = [...touched.keys()];
    const silent = withoutTriggers(db, shapes, () => apply(db, touched));
    const warnings = [...loose(), ...silent, ...indexAgain(db, shapes)];
    db.exec('COMMIT');
    return brought(counts, warnings);
  } catch (error) {
    throw sqliteProblem(label, error);
  } finally {
    // An open transaction ends with its connection, and nothing of it stays.
    db.close();
  }
}

function brought(counts: ReadonlyMap<Shape, Counts>, warnings: readonly string[]): RowsBrought {
  const by = (kind: keyof Counts) =>
    new Map([...counts].flatMap(([{ table }, each]) => (each[kind] > 0 ? [[table.name, each[kind]] as const] : [])));
  return { added: by('added'), changed: by('changed'), removed: by('removed'), warnings };
}

/** What they would do for these rows was done when the rows were first written. All go and come again, so that they stay in their order. */
function withoutTriggers(db: Db, shapes: readonly Shape[], work: () => void): string[] {
  const triggers = readSchema(db).filter(({ type }) => type === 'trigger');
  const silent = shapes.filter(({ table }) => triggers.some((each) => isSameName(each.table, table.name)));
  const dropped: readonly SchemaObject[] = silent.length === 0 ? [] : triggers;
  for (const { name } of dropped) db.exec(`DROP TRIGGER main.${quoted(name)}`);
  work();
  for (const trigger of dropped) makeWithOldStrings(db, trigger);
  return silent.map(({ table }) => `the triggers of ${table.name} did not fire: what they keep elsewhere is as it was`);
}

/** Full-text indexes about these tables; those about a view might take for ever, and the app may ask that. */
function indexAgain(db: Db, shapes: readonly Shape[]): string[] {
  const indexes = readSchema(db).filter(isVirtualDefinition);
  return indexes.flatMap(({ name, sql }) => {
    const about = contentOf(sql);
    if (!shapes.some(({ table }) => isSameName(table.name, about ?? ''))) return [];
    try {
      db.exec(`INSERT INTO ${quoted(name)}(${quoted(name)}) VALUES ('rebuild')`);
      return [];
    } catch (error) {
      return [`${name} is an index over ${about}, which is yours to rebuild: ${reasonOf(error)}`];
    }
  });
}
