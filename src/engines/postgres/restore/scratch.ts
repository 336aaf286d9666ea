import { randomBytes } from 'node:crypto';
import { reasonOf } from '../../../core/errors.ts';
import type { SchemaObject } from '../../../core/manifest.ts';
import { noScratch } from '../../../core/problems/postgres.ts';
import type { Session } from '../driver.ts';
import { quoted } from '../names.ts';
import { makeAll } from './make-schema.ts';
import { missingRoles } from './roles.ts';
import { scratchInMemory } from './scratch-in-memory.ts';
import { beginShadow } from './shadow.ts';
import type { DrillServer, RestoreTarget } from './target.ts';
import { beginWriting } from './transaction.ts';

/** Somewhere a backup is put in only to be looked at. */
export interface Scratch {
  /** With a transaction that is open, and is never to end well. */
  readonly session: Session;
  /** For people. */
  readonly where: string;
  /** Whether it may be of another version, and say the same definition in other words. */
  readonly isOther?: boolean;
  close(): Promise<void>;
}

/**
 * The first that is to be had: a database of its own on the same server, the database itself within a transaction that is never committed, or
 * PGlite in memory; where a server is named for it, that one alone. Throws DATABASE_REFUSED where none is.
 */
export async function scratchFor(target: RestoreTarget, schema: readonly SchemaObject[]): Promise<Scratch> {
  const reasons: string[] = [];
  for (const make of target.drillOn === undefined ? [scratchDatabase, shadow, scratchInMemory] : [scratchElsewhere]) {
    try {
      return await withBasis(await make(target, schema), target, schema);
    } catch (error) {
      reasons.push(reasonOf(error).replace(/\.$/, ''));
    }
  }
  throw noScratch(target.label, reasons.join('; '))();
}

/** What is not there says nothing of a backup: another place may have it. */
async function withBasis(
  scratch: Scratch,
  { label }: RestoreTarget,
  schema: readonly SchemaObject[],
): Promise<Scratch> {
  try {
    await makeAll(
      scratch.session,
      label,
      schema.filter(({ type }) => type === 'schema' || type === 'extension'),
    );
    return scratch;
  } catch (error) {
    await scratch.close();
    throw error;
  }
}

const PREFIX = 'overwinter_scratch_';

async function scratchDatabase({ connect, connectTo, label }: RestoreTarget): Promise<Scratch> {
  if (connectTo === undefined) throw noScratch(label, 'there is no server that could make one')();
  return databaseOn({ connect, connectTo, label });
}

/** Roles that definitions name are made there with everything else, and are gone with it. */
async function scratchElsewhere({ drillOn, label }: RestoreTarget, schema: readonly SchemaObject[]): Promise<Scratch> {
  if (drillOn === undefined) throw noScratch(label, 'no server is named for it')();
  const scratch = await databaseOn(drillOn);
  try {
    for (const role of await missingRoles(scratch.session, schema))
      await scratch.session.query(`CREATE ROLE ${quoted(role)}`);
    return { ...scratch, where: `a scratch database on ${drillOn.label}`, isOther: true };
  } catch (error) {
    await scratch.close();
    throw error;
  }
}

async function databaseOn({ connect, connectTo }: DrillServer): Promise<Scratch> {
  const home = await connect();
  const name = `${PREFIX}${new Date().toISOString().slice(0, 10).replaceAll('-', '')}_${randomBytes(6).toString('hex')}`;
  try {
    await removeForgotten(home);
    const [[options = ''] = []] =
      await home.query(`SELECT format('ENCODING ''UTF8'' LC_COLLATE %L LC_CTYPE %L', datcollate, datctype)
      FROM pg_database WHERE datname = current_database()`);
    await home.query(`CREATE DATABASE ${quoted(name)} TEMPLATE template0 ${options}`);
    const session = await connectTo(name).catch(async (error: unknown) => {
      await remove(home, name);
      throw error;
    });
    await beginWriting(session, PATIENCE);
    return {
      session,
      where: 'a scratch database',
      async close() {
        await session.close();
        await remove(home, name).finally(() => home.close());
      },
    };
  } catch (error) {
    await home.close();
    throw error;
  }
}

const PATIENCE = 10_000;

const remove = (home: Session, name: string) => home.query(`DROP DATABASE IF EXISTS ${quoted(name)}`);

/** What a drill left that died, a day ago or more. */
async function removeForgotten(home: Session): Promise<void> {
  const rows = await home.query(`SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
    WHERE d.datname ~ '^${PREFIX}[0-9]{8}_[0-9a-f]{12}$' AND r.rolname = current_user
      AND to_date(substr(d.datname, ${PREFIX.length + 1}, 8), 'YYYYMMDD') < current_date - 1
      AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`);
  for (const [name] of rows) await remove(home, name ?? '').catch(() => {});
}

async function shadow(target: RestoreTarget): Promise<Scratch> {
  // Where there is one connection for all, others would see what is only tried.
  if (target.connectTo === undefined) throw noScratch(target.label, 'all share one connection')();
  const session = await target.connect();
  try {
    await beginWriting(session, PATIENCE);
    await beginShadow(session, target.scope);
    return {
      session,
      where: 'the database itself, in a transaction that was not committed',
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}
