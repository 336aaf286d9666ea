import type { Client, ClientConfig } from 'pg';
import { addressUnreadable, driverMissing } from '../../core/problems/server.ts';
import { addressOf, type Environment, labelOf } from './address.ts';
import { connectProblem } from './connect-problem.ts';
import { copyOut } from './copy-out.ts';
import { isNotInstalled, type Row, type Session } from './driver.ts';

/** Long enough for a database that its host must wake first. */
const PATIENCE = 10_000;

/**
 * A session with a server, over the packages `pg` and `pg-copy-streams` of the app. Throws ENGINE_MISSING, USAGE, DATABASE_UNREACHABLE,
 * DATABASE_REFUSED and DATABASE_MISSING.
 */
export async function connectToServer(url: string, env: Environment): Promise<Session> {
  const label = labelOf(addressOf(url, env));
  const { pg, copies } = await drivers();
  const client = clientFor(url, pg.default.Client);
  // What the server says to nobody in particular would end the process; whoever asks next hears of it.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query("SET client_encoding = 'UTF8'");
  } catch (error) {
    await client.end().catch(() => {});
    throw connectProblem(label, error);
  }
  return sessionOver(client, copies);
}

type Copies = typeof import('pg-copy-streams');

async function drivers() {
  try {
    return { pg: await import('pg'), copies: await import('pg-copy-streams') };
  } catch (error) {
    throw isNotInstalled(error) ? driverMissing('PostgreSQL', 'pg pg-copy-streams')(error) : error;
  }
}

function clientFor(url: string, Make: new (config: ClientConfig) => Client): Client {
  try {
    return new Make({
      connectionString: asPsqlReadsIt(url),
      application_name: 'overwinter',
      connectionTimeoutMillis: PATIENCE,
      keepAlive: true,
      // As the server wrote them, whatever the type.
      types: { getTypeParser: () => (text: string) => text },
    });
  } catch {
    // The driver's own words may repeat the address.
    throw addressUnreadable('the driver does not understand it')();
  }
}

/** `sslmode=require` is encrypted, whoever answers, to every program but this driver, which would refuse the certificates of some hosts. */
function asPsqlReadsIt(url: string): string {
  const isLoose = /[?&]sslmode=(prefer|require|verify-ca)(&|$)/.test(url) && !/[?&]uselibpqcompat=/.test(url);
  return isLoose ? `${url}&uselibpqcompat=true` : url;
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
