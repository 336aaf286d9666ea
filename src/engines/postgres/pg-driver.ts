import type { Client } from 'pg';
import { driverMissing } from '../../core/problems/server.ts';
import { addressOf, type Environment, labelOf, toCreate } from './address.ts';
import { connectProblem } from './connect-problem.ts';
import { copyOut } from './copy-out.ts';
import { isNotInstalled, type Row, type Session } from './driver.ts';
import { clientFor } from './pg-client.ts';

/** Long enough for a database that its host must wake first. */
const PATIENCE = 10_000;

/**
 * A session with a server, over the packages `pg` and `pg-copy-streams` of the app. Throws ENGINE_MISSING, USAGE, DATABASE_UNREACHABLE,
 * DATABASE_REFUSED and DATABASE_MISSING.
 */
export async function connectToServer(url: string, env: Environment): Promise<Session> {
  const address = addressOf(url, env);
  const label = labelOf(address);
  const { pg, copies } = await drivers();
  const client = clientFor(url, PATIENCE, pg.default.Client);
  try {
    await client.connect();
    await client.query("SET client_encoding = 'UTF8'");
  } catch (error) {
    await client.end().catch(() => {});
    throw connectProblem(label, error, toCreate(address));
  }
  return sessionOver(client, copies);
}

type Copies = typeof import('pg-copy-streams');

async function drivers() {
  try {
    return { pg: await import('pg'), copies: await import('pg-copy-streams') };
  } catch (error) {
    throw isNotInstalled(error) ? driverMissing('PostgreSQL', ['pg', 'pg-copy-streams'])(error) : error;
  }
}

function sessionOver(client: Client, copies: Copies): Session {
  let ending: Promise<void> | undefined;
  return {
    async query(sql) {
      const said: unknown = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
      const last: unknown = Array.isArray(said) ? said.at(-1) : said;
      return rowsIn(last);
    },
    copyOut: (sql) => copyOut(client, sql),
    async copyIn(sql, bytes) {
      const stream = client.query(copies.from(sql));
      const { pipeline } = await import('node:stream/promises');
      await pipeline(bytes, stream);
    },
    close() {
      ending ??= client.end().catch(() => {});
      return ending;
    },
  };
}

function rowsIn(result: unknown): readonly Row[] {
  if (typeof result !== 'object' || result === null || !('rows' in result)) return [];
  return Array.isArray(result.rows) ? result.rows : [];
}
