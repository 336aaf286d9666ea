import { Socket } from 'node:net';
import { clientFor } from './pg-client.ts';

/** The one value that a question comes to, with nothing loaded but the package `pg`, whatever the server wants to know. */
export async function askByDriver(url: string, sql: string, patience: number): Promise<string | undefined> {
  const { Client } = await driver();
  const client = clientFor(url, patience, Client);
  try {
    await client.connect();
    const { rows } = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
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
