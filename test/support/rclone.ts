import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Around } from '../../src/stores/kind.ts';
import type { World } from '../../src/stores/rclone/ask.ts';
import { rcloneKindIn } from '../../src/stores/rclone/rclone-kind.ts';
import { runRclone } from '../../src/stores/rclone/run.ts';
import { isReadable, type Remote, type WritableStore } from '../../src/stores/store.ts';
import { installed } from './installed.ts';
import { scratch } from './scratch.ts';

export const hasRclone = installed('rclone') !== undefined;

export const withoutRclone = hasRclone ? '' : ' (skipped: apt-get install rclone)';

/** A remote that rclone knows by its environment alone. */
export interface RcloneRemote {
  readonly env: Readonly<Record<string, string>>;
  /** Where its files are on this machine. */
  readonly folder: string;
  /** The folder as the remote calls it. */
  readonly path: string;
}

const around = (type: string, settings: Readonly<Record<string, string>>) => ({
  PATH: process.env.PATH ?? '',
  HOME: '/nowhere',
  RCLONE_CONFIG: '/dev/null',
  RCLONE_CONFIG_THERE_TYPE: type,
  ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`RCLONE_CONFIG_THERE_${name}`, value])),
});

export function localRemote(folder = join(scratch(), 'there')): RcloneRemote {
  return { env: around('local', {}), folder, path: folder };
}

/** A folder that is kept encrypted, names and all. */
export function cryptRemote(folder = join(scratch(), 'there')): RcloneRemote {
  const password = execFileSync('rclone', ['obscure', 'hunter2-of-crypt'], { encoding: 'utf8' }).trim();
  return { env: around('crypt', { REMOTE: folder, PASSWORD: password }), folder, path: 'app' };
}

export interface RcloneServer {
  at(place: string): RcloneRemote;
  stop(): void;
}

export const USER = 'somebody';
export const PASSWORD = 'hunter2-of-rclone';

/** Serves a folder of this machine as others do. */
export async function serve(kind: 'webdav' | 'sftp', folder: string): Promise<RcloneServer> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const server = spawn('rclone', ['serve', kind, folder, `--addr=127.0.0.1:${port}`, '--dir-cache-time=0s'], {
    env: { ...around('local', {}), RCLONE_USER: USER, RCLONE_PASS: PASSWORD },
    stdio: 'ignore',
  });
  await untilItAnswers(port, server);
  const password = execFileSync('rclone', ['obscure', PASSWORD], { encoding: 'utf8' }).trim();
  const how: Record<string, string> =
    kind === 'webdav'
      ? { URL: `http://127.0.0.1:${port}`, VENDOR: 'other' }
      : { HOST: '127.0.0.1', PORT: String(port), SHELL_TYPE: 'none' };
  const env = around(kind, { ...how, USER, PASS: password });
  return {
    at: (place) => ({ env, folder: join(folder, place), path: place }),
    stop: () => void server.kill('SIGKILL'),
  };
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const at = probe.address();
      probe.close(() => resolve(typeof at === 'object' && at !== null ? at.port : 0));
    });
  });

async function untilItAnswers(port: number, server: ChildProcess): Promise<void> {
  for (let n = 0; n < 200 && server.exitCode === null; n++) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isThere) return;
    await sleep(25);
  }
  throw new Error('rclone serves nothing');
}

const WORLD: World = {
  run: runRclone,
  sleep: async () => {},
  random: () => 0.5,
  now: Date.now,
  patience: 20_000,
};

const AROUND: Omit<Around, 'local'> = {
  env: {},
  base: '/',
  environment: 'production',
  backups: '/nowhere/backups',
  folder: '/nowhere/backups',
};

export function atRclone(remote: RcloneRemote, changes: Partial<Around> = {}, world: Partial<World> = {}): Remote {
  const rest = `there:${remote.path}`;
  const opens = rcloneKindIn({ ...WORLD, ...world }).parse(rest);
  const local = changes.local ?? join(scratch(), '.overwinter');
  return { address: `rclone:${rest}`, ...opens({ ...AROUND, env: remote.env, ...changes, local }) };
}

export function storeAt(...given: Parameters<typeof atRclone>): WritableStore {
  const opened = atRclone(...given).open();
  if (!isReadable(opened)) throw new Error('it can be read');
  return opened;
}

/** Days go by: what lies there was written earlier. */
export function daysLater(folder: string, days = 4): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, path);
    const at = statSync(file).mtimeMs / 1000 - days * 24 * 3600;
    utimesSync(file, at, at);
  }
}
