import type { Extension, Extensions } from '@electric-sql/pglite';
import type { SchemaObject } from '../../../core/manifest.ts';
import { driverMissing } from '../../../core/problems/server.ts';
import { isNotInstalled } from '../driver.ts';
import { quoted } from '../names.ts';
import { sessionIn } from '../pglite-driver.ts';
import { missingRoles } from './roles.ts';
import type { Scratch } from './scratch.ts';
import type { RestoreTarget } from './target.ts';
import { beginWriting } from './transaction.ts';

/** A database in this process. It has the roles that definitions name, and of extensions those that PGlite brings along. */
export async function scratchInMemory(_target: RestoreTarget, schema: readonly SchemaObject[]): Promise<Scratch> {
  const { PGlite } = await driver();
  const db = await PGlite.create({ extensions: await extensionsFor(schema) });
  const session = await sessionIn(db);
  await beginWriting(session, 1);
  for (const role of await missingRoles(session, schema)) await session.query(`CREATE ROLE ${quoted(role)}`);
  return {
    session,
    where: 'PGlite, in memory',
    isOther: true,
    async close() {
      await session.close();
      await db.close();
    },
  };
}

async function driver() {
  try {
    return await import('@electric-sql/pglite');
  } catch (error) {
    throw isNotInstalled(error) ? driverMissing('PGlite', ['@electric-sql/pglite'])(error) : error;
  }
}

/** A name comes out of a backup, and must not lead anywhere else. */
async function extensionsFor(schema: readonly SchemaObject[]): Promise<Extensions> {
  const names = schema
    .filter(({ type, name }) => type === 'extension' && /^[a-z0-9_]+$/.test(name))
    .map(({ name }) => name);
  const found: Extensions = {};
  for (const name of names) {
    const file = `@electric-sql/pglite/contrib/${name}`;
    const module: unknown = await import(/* @vite-ignore */ file).catch(() => undefined);
    const extension = typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
    if (isExtension(extension)) found[name] = extension;
  }
  return found;
}

const isExtension = (value: unknown): value is Extension =>
  typeof value === 'object' && value !== null && 'name' in value && 'setup' in value;
