import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { whenFileEnds } from './endings.ts';
import { ownedFolder } from './owned-folder.ts';

/** Where Debian keeps the programs of a PostgreSQL, the newest first. */
const VERSIONS = '/usr/lib/postgresql';

/** The folder of the programs that tests use; OVERWINTER_POSTGRES_BIN names another version's. Undefined where there are none. */
export function postgresPrograms(): string | undefined {
  const named = process.env.OVERWINTER_POSTGRES_BIN;
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = named === undefined ? versions.map((version) => join(VERSIONS, version, 'bin')) : [named];
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

/** The folder that all files of one run of tests share: named by `setup`, made by the first that needs it. */
const RUN = 'OVERWINTER_TEST_POSTGRES';

/** Before all tests: names the place of the cluster. None is started. */
export function nameCluster(): void {
  process.env[RUN] = ownedFolder('ow-pg-', remove);
}

/** After all tests: stops the cluster where one was started, and removes everything. */
export function removeCluster(): void {
  const folder = process.env[RUN];
  if (folder !== undefined) remove(folder);
}

function remove(folder: string): void {
  if (existsSync(join(folder, 'data', 'postmaster.pid'))) stop(join(folder, 'data'));
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** A server that was killed leaves its file, with a number that is nobody's, or by now somebody else's: there is nothing to stop. */
function stop(data: string): void {
  try {
    asServer(['pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop']);
  } catch {
    // One that lives on all the same ends by itself, within a minute of its folder's removal.
  }
}

/** For a server that nobody will miss, that is reached by its socket alone, and that leaves nothing outside of its folder when it is killed. */
const SETTINGS = `
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
dynamic_shared_memory_type = mmap
max_connections = 60
max_prepared_transactions = 5`;

/** Everybody, and one only with a password. */
const WHO_MAY = `
local all proved scram-sha-256
local all all trust
local replication all trust
`;

/** Its socket's folder. Tests of one run use one cluster: it takes a second to make, a database a tenth. */
async function cluster(): Promise<string> {
  const folder = process.env[RUN];
  if (folder === undefined) throw new Error('the tests were not set up');
  const ready = join(folder, 'ready');
  if (!existsSync(ready) && isFirst(folder)) {
    const data = join(folder, 'data');
    if (isRoot()) execFileSync('chown', ['postgres', folder]);
    asServer(['initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
    writeFileSync(join(data, 'pg_hba.conf'), WHO_MAY);
    appendFileSync(join(data, 'postgresql.conf'), `${SETTINGS}\nunix_socket_directories = '${folder}'\n`);
    asServer(['pg_ctl', '-D', data, '-l', join(folder, 'log'), '-w', 'start']);
    writeFileSync(ready, '');
  }
  for (let tries = 0; !existsSync(ready); tries++) {
    if (tries > 600) throw new Error(`PostgreSQL did not start: ${readFileSync(join(folder, 'log'), 'utf8')}`);
    await sleep(50);
  }
  return folder;
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(join(folder, 'starting'));
    return true;
  } catch {
    return false;
  }
}

const isRoot = () => userInfo().uid === 0;

function asServer([program = '', ...args]: readonly string[]): void {
  const path = join(postgresPrograms() ?? '', program);
  const [first, rest] = isRoot() ? ['runuser', ['-u', 'postgres', '--', path, ...args]] : [path, args];
  execFileSync(first, rest, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
}

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** The same as somebody else. */
  as(role: string): string;
  /** Runs SQL with `psql`, from outside of everything that is tested; gives what it prints, unaligned and without heads. */
  psql(sql: string, role?: string): string;
  /** As its host loses it: what takes its place has its name, and nothing else. */
  dropAndCreate(): void;
}

let made = 0;
const toDrop: string[] = [];

/** A cluster that lies in memory is not to fill it. What somebody still has open goes with the cluster. */
whenFileEnds(() => {
  const folder = process.env[RUN];
  if (toDrop.length === 0 || folder === undefined) return;
  const names = toDrop.splice(0).map((name) => `'${name}'`);
  const isFree = ['pg_stat_activity WHERE datname', 'pg_prepared_xacts WHERE database'].map(
    (use) => `NOT EXISTS (SELECT FROM ${use} = d.datname)`,
  );
  const dropping = `SELECT 'DROP DATABASE ' || datname FROM pg_database d WHERE datname IN (${names}) AND ${isFree.join(' AND ')}`;
  try {
    psqlAt(folder, 'postgres', `${dropping} \\gexec`);
  } catch {
    // Somebody has come meanwhile.
  }
});

function psqlAt(host: string, database: string, sql: string, user = 'postgres'): string {
  const program = join(postgresPrograms() ?? '', 'psql');
  return execFileSync(program, ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', host, '-U', user, '-d', database], {
    input: sql,
    env: { ...process.env, PGCLIENTENCODING: 'UTF8' },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** A new database, empty, with the `options` of CREATE DATABASE; of an owner who is no superuser; it goes when the file of tests ends. */
export async function freshDatabase(options = ''): Promise<TestDatabase> {
  const host = await cluster();
  const name = `t${process.pid}_${made++}`;
  const creating = `CREATE DATABASE ${name} OWNER app TEMPLATE template0 ${options};`;
  psqlAt(
    host,
    'postgres',
    `SELECT pg_advisory_lock(1);
SELECT 'CREATE ROLE app LOGIN CREATEDB' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') \\gexec
SELECT 'CREATE ROLE proved LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'proved') \\gexec
SELECT pg_advisory_unlock(1);
${creating}`,
  );
  toDrop.push(name);
  const url = (user: string) => `postgres://${user}@/${name}?host=${encodeURIComponent(host)}`;
  return {
    name,
    url: url('app'),
    as: url,
    psql: (sql, role = 'app') => psqlAt(host, name, sql, role),
    dropAndCreate: () => void psqlAt(host, 'postgres', `DROP DATABASE ${name} WITH (FORCE);\n${creating}`),
  };
}
