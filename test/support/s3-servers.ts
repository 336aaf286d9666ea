import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { signed } from '../../src/stores/s3/sign.ts';
import { BUCKET } from './fake-s3.ts';

/** Servers of others that speak S3, as Debian packages them. */
export const SERVERS = {
  radosgw: {
    program: '/usr/bin/radosgw',
    install: 'apt-get install ceph-mon ceph-osd radosgw',
    keys: { id: 'AKAKAKAK', secret: 'SKSKSKSK', token: undefined },
  },
  // It answers conditions with 501, as Backblaze does.
  swift: {
    program: '/usr/bin/swift-proxy-server',
    install: 'apt-get install swift-proxy swift-account swift-container swift-object memcached',
    keys: { id: 'test:tester', secret: 'testing', token: undefined },
  },
} as const;

export type ServerName = keyof typeof SERVERS;

export const isInstalled = (name: ServerName): boolean => existsSync(SERVERS[name].program);

export interface S3Server {
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/** A place in a row of ports that nobody uses: these servers are made of several. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all(Array.from({ length: 10 }, (_, n) => isFree(first + n)));
    if (free.every(Boolean)) return first;
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

/** Starts it in a folder, with an empty bucket. */
export async function startServer(name: ServerName, folder: string): Promise<S3Server> {
  const port = await freePorts();
  const { keys } = SERVERS[name];
  const stop = () => {
    const run = join(folder, 'run');
    for (const file of existsSync(run) ? readdirSync(run).filter((each) => each.endsWith('.p')) : [])
      try {
        process.kill(-Number(readFileSync(join(run, file), 'utf8')), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
  };
  try {
    execFileSync(join(import.meta.dirname, `servers/${name}.sh`), [folder, String(port)], { stdio: 'pipe' });
    const url = new URL(`http://127.0.0.1:${port}/${BUCKET}`);
    const asking = { method: 'PUT', url, body: new Uint8Array(), region: 'us-east-1', signsPayload: true };
    const made = await fetch(url, { method: 'PUT', headers: signed(asking, keys, new Date()) });
    if (!made.ok) throw new Error(`no bucket: ${made.status} ${await made.text()}`);
  } catch (error) {
    stop();
    throw error;
  }
  return {
    address: `s3://${BUCKET}/app?endpoint=http://127.0.0.1:${port}`,
    env: { AWS_ACCESS_KEY_ID: keys.id, AWS_SECRET_ACCESS_KEY: keys.secret },
    stop,
  };
}
