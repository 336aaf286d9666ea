import { reasonOf } from '../../../core/errors.ts';
import type { SchemaObject } from '../../../core/manifest.ts';
import { definitionFailed } from '../../../core/problems/postgres.ts';
import { codeOf } from '../../../core/system-error.ts';
import { FIRST_AFTER_ROWS, FIRST_BETWEEN_TABLES, rankOf } from '../catalog/kinds.ts';
import type { Session } from '../driver.ts';
import { literal } from '../names.ts';
import { mustDefine } from './definition.ts';

/** Definitions by when they are made: before the rows come in; when they are there; and when all tables have what they are compared by. */
export interface Steps {
  readonly before: readonly SchemaObject[];
  readonly indexes: readonly SchemaObject[];
  readonly after: readonly SchemaObject[];
}

/** They come in such an order. */
export function stepsOf(schema: readonly SchemaObject[]): Steps {
  const from = (rank: number) => {
    const at = schema.findIndex(({ type }) => rankOf(type) >= rank);
    return at < 0 ? schema.length : at;
  };
  const [rows, keys] = [from(FIRST_AFTER_ROWS), from(FIRST_BETWEEN_TABLES)];
  return { before: schema.slice(0, rows), indexes: schema.slice(rows, keys), after: schema.slice(keys) };
}

/** What of it is not there yet, or is another: a schema is only its name, and an extension may be there. */
export function toMake(schema: readonly SchemaObject[], there: readonly SchemaObject[]): SchemaObject[] {
  const known = new Set(there.map(textOf));
  return schema.filter((object) => !known.has(textOf(object)));
}

export const textOf = ({ type, name, table, sql }: SchemaObject): string => JSON.stringify([type, name, table, sql]);

/** In this order. Throws RESTORE_INEXACT for what is no definition, and DATABASE_FAILED for one that cannot be made here. */
export async function makeAll(session: Session, label: string, objects: readonly SchemaObject[]): Promise<void> {
  for (const object of objects) mustDefine(object);
  for (const object of objects) {
    if (object.type === 'schema' && (await isThere(session, object.name))) continue;
    try {
      await session.query(object.sql);
    } catch (error) {
      throw isOfDefinition(error)
        ? definitionFailed(label, `${object.type} ${object.name}`, reasonOf(error))(error)
        : error;
    }
  }
}

/** What the server has against a definition, and neither somebody's lock nor a connection that ended. */
const isOfDefinition = (error: unknown) => /^(0A|2|3|42|54|55000|58P|P0|XX)/.test(codeOf(error));

const isThere = async (session: Session, schema: string) =>
  (await session.query(`SELECT FROM pg_namespace WHERE nspname = ${literal(schema)}`)).length > 0;
