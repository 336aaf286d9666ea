import { reasonOf } from '../../core/errors.ts';
import type { SchemaObject, Settings } from '../../core/manifest.ts';
import { cannotEmpty } from '../../core/problems/settings.ts';
import type { Defined } from '../engine.ts';
import { mustDefineVirtual } from './definition.ts';
import { fold } from './names.ts';
import { makeWithOldStrings } from './old-strings.ts';
import { type Db, openForBuilding, type SqliteOptions, withProblems } from './open.ts';
import { registerRowFunctions } from './rows.ts';
import { readTables } from './schema.ts';
import { settingsIn } from './settings.ts';
import { endsOf } from './sql/counted-tables.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';
import { readTableKinds } from './table-kinds.ts';
import { sizeOf, sliceReader } from './table-rows.ts';
import { readShapes } from './table-shapes.ts';

/** What definitions say, as SQLite reads them: they are made in memory, without rows. Throws DATABASE_FAILED for an index that cannot be made. */
export function defined(schema: readonly SchemaObject[], settings: Settings, options: SqliteOptions): Defined {
  const db = openForBuilding(':memory:', options);
  try {
    return withProblems('the schema', () => {
      const { encoding, page_size } = settingsIn(settings);
      db.pragma(`encoding = '${encoding}'`);
      db.pragma(`page_size = ${page_size}`);
      const virtual = schema.filter(isVirtualDefinition);
      const shadows = new Set(virtual.flatMap(({ name, sql }) => endsOf(sql).map((end) => fold(`${name}_${end}`))));
      const isShadow = ({ table }: SchemaObject) => shadows.has(fold(table));
      const others = schema.filter((object) => !isVirtualDefinition(object) && !isShadow(object));
      for (const object of others) if (object.type === 'table') makeWithOldStrings(db, object);
      for (const object of virtual) makeVirtual(db, object);
      for (const object of others) if (object.type !== 'table') makeWithOldStrings(db, object);
      registerRowFunctions(db, encoding);
      return {
        shapes: readShapes(db),
        empty: new Map(virtual.map(({ name }) => [name, rowsOfEmpty(db, name, encoding)])),
      };
    });
  } finally {
    db.close();
  }
}

/** By its own module, which makes tables for it that hold what an index without entries has. */
function makeVirtual(db: Db, object: SchemaObject): void {
  mustDefineVirtual(db, object);
  try {
    db.prepare(object.sql).run();
  } catch (error) {
    throw cannotEmpty(object.name, reasonOf(error))(error);
  }
}

/** How an index is set up stays as it is. */
function rowsOfEmpty(db: Db, virtual: string, encoding: string): Map<string, readonly string[]> {
  const kinds = readTableKinds(db);
  const own = readTables(db).filter(
    ({ name }) => fold(kinds.get(name)?.of ?? '') === fold(virtual) && !name.endsWith('_config'),
  );
  return new Map(
    own.map((table) => {
      const chunks = [...sliceReader(db, table, encoding, sizeOf(db, table))()].flatMap((slice) => [...slice.chunks]);
      const text = Buffer.concat(chunks).toString('utf8').trimEnd();
      return [table.name, text === '' ? [] : text.split('\n')];
    }),
  );
}
