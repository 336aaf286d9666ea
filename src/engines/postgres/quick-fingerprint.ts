import { Socket } from 'node:net';
import { fingerprintSql } from './fingerprint.ts';
import { clientFor } from './pg-client.ts';

/** Who takes longer, is asked by those who say what the matter is. */
const PATIENCE = 2_000;

/** The fingerprint of a database on a server, in one question, with nothing loaded but the driver. Throws whatever stands in the way. */
export async function quickFingerprint(url: string): Promise<string | undefined> {
  const { Client } = await driver();
  const client = clientFor(url, PATIENCE, Client);
  try {
    await client.connect();
    const { rows } = await client.query<(string | null)[]>({ text: fingerprintSql(true), rowMode: 'array' });
    return rows[0]?.[0] ?? undefined;
  } finally {
    // Nobody waits until the server has let go, too.
    client.end().catch(() => {});
    const { stream } = client.connection;
    if (stream instanceof Socket) stream.unref();
  }
}

/** Where there is no `navigator`, the driver looks at `Response` to know where it runs, and half of the time it takes to load goes to that. */
async function driver() {
  const isMissing = !('navigator' in globalThis);
  if (isMissing) Reflect.set(globalThis, 'navigator', { userAgent: 'Node.js' });
  try {
    return (await import('pg')).default;
  } finally {
    if (isMissing) Reflect.deleteProperty(globalThis, 'navigator');
  }
}
