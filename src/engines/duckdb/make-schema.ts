import { reasonOf } from '../../core/errors.ts';
import type { SchemaObject } from '../../core/manifest.ts';
import { restoreInexact } from '../../core/problems/restoring.ts';
import { firstLine } from './duckdb-problem.ts';
import { literal, namedBy, qualified } from './names.ts';
import type { Db } from './open.ts';

const BEGINNINGS: Readonly<Record<string, RegExp>> = {
  schema: /^CREATE SCHEMA /,
  type: /^CREATE TYPE /,
  sequence: /^CREATE SEQUENCE /,
  macro: /^CREATE MACRO /,
  table: /^CREATE TABLE /,
  view: /^CREATE VIEW /,
  index: /^CREATE (UNIQUE )?INDEX /,
  comment: /^COMMENT ON /,
};

export const refused = ({ type, name }: Pick<SchemaObject, 'type' | 'name'>, what: string) =>
  restoreInexact(`with the ${type} '${name}'`, what)();

/**
 * Makes what is defined. What needs something that is not there yet is tried again once more is: no definition tells what it needs. A
 * definition is run only where it begins as one and is one statement.
 */
export async function makeAll(db: Db, objects: readonly SchemaObject[]): Promise<void> {
  for (const object of objects) await mustBeOne(db, object);
  let waiting = objects;
  while (waiting.length > 0) {
    const failed: { readonly object: SchemaObject; readonly error: unknown }[] = [];
    for (const object of waiting) {
      try {
        await db.run(object.sql);
      } catch (error) {
        failed.push({ object, error });
      }
    }
    const [first] = failed;
    if (first !== undefined && failed.length === waiting.length)
      throw restoreInexact(
        `with the ${first.object.type} '${first.object.name}'`,
        firstLine(reasonOf(first.error)),
      )(first.error);
    waiting = failed.map(({ object }) => object);
  }
}

async function mustBeOne(db: Db, object: SchemaObject): Promise<void> {
  if (BEGINNINGS[object.type]?.test(object.sql) !== true) throw refused(object, 'its definition begins as none');
  let statements = 0;
  try {
    statements = await db.statements(object.sql);
  } catch (error) {
    throw refused(object, `its definition is none: ${firstLine(reasonOf(error))}`);
  }
  if (statements !== 1) throw refused(object, 'its definition is more than one');
}

/** Makes a sequence that goes on where it stood. `next` need not be a number that it may give: it may have given its last. */
export async function makeSequence(db: Db, object: SchemaObject, next: string | undefined): Promise<void> {
  await mustBeOne(db, object);
  const word = (name: string) => BigInt(new RegExp(` ${name} (-?\\d+)`).exec(object.sql)?.[1] ?? '0');
  const [step, least, most] = [word('INCREMENT BY'), word('MINVALUE'), word('MAXVALUE')];
  const wanted = next === undefined ? (step > 0n ? least : most) : BigInt(next);
  const isBeyond = wanted < least || wanted > most;
  const start = isBeyond ? wanted - step : wanted;
  await db.run(object.sql.replace(/;$/, ` START ${start};`));
  if (isBeyond) await db.rows(`SELECT nextval(${literal(qualified(namedBy(object.name)))})`);
}
