import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MAIN, type Ran } from '../../support/command-line.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';
import { newRepository, plainEnvironment } from '../../support/repository.ts';

const SECRET = 'hunter2-NobodyMaySeeThis';

const SHOP = `CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, password_hash text);
INSERT INTO users (name, password_hash) SELECT 'user ' || i, md5(i::text) FROM generate_series(1, 300) i;
CREATE SCHEMA shop; CREATE TABLE shop.orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), by_user int REFERENCES users, total numeric(10,2));
INSERT INTO shop.orders (by_user, total) SELECT 1 + i % 300, i FROM generate_series(1, 700) i;`;

interface Spied extends Ran {
  /** The arguments of every process there was meanwhile. */
  readonly seen: string;
}

/** Runs the program in a process of its own, and looks at all processes of the machine meanwhile. */
async function run(cwd: string, args: readonly string[], url: string): Promise<Spied> {
  const env = { ...plainEnvironment, OVERWINTER_HOST: 'none', DATABASE_URL: url };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const ended = once(child, 'close');
  const seen = new Set<string>();
  for (let open = true; open; ) {
    for (const pid of existsSync('/proc') ? readdirSync('/proc') : [])
      if (/^\d+$/.test(pid)) seen.add(argumentsOf(pid));
    open = await Promise.race([ended.then(() => false), new Promise<boolean>((go) => setTimeout(go, 5, true))]);
  }
  const [code] = await ended;
  return { code, ...said, seen: [...seen].join('\n') };
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

describe.skipIf(postgresPrograms() === undefined)('with DATABASE_URL and nothing else', () => {
  test('a database is saved, listed, compared, shown, checked and exported, and its password is nowhere', async () => {
    const { url, psql } = await freshDatabase();
    psql(SHOP);
    const withPassword = url.replace('app@', `app:${SECRET}@`);
    const { top } = newRepository({ hooks: false });
    writeFileSync(join(top, 'package.json'), '{}');
    const said: string[] = [];
    const works = async (...args: readonly string[]) => {
      const ran = await run(top, args, withPassword);
      said.push(ran.stdout, ran.stderr);
      expect(ran.seen).not.toContain(SECRET);
      return ran;
    };
    expect(await works('backup', '--debug')).toMatchObject({ code: 0, stderr: expect.stringContaining('1,000 rows') });
    const again = await works('backup', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'unchanged', rows: 1000 });
    psql("UPDATE shop.orders SET total = 0 WHERE by_user = 7; INSERT INTO users (name) VALUES ('new')");
    const diff = await works('diff');
    expect(diff.stdout).toMatch(/users/);
    expect(diff.stdout).toMatch(/shop\.orders/);
    expect((await works('backup', '--json', '--debug')).code).toBe(0);
    const listed = JSON.parse((await works('list', '--json')).stdout);
    expect(listed.backups.map(({ rows }: { rows: number }) => rows)).toEqual([1001, 1000]);
    expect((await works('status')).stdout).toContain('localhost/');
    expect(JSON.parse((await works('verify', '--json')).stdout)).toBeDefined();
    const exported = await works('export', '--output', 'all.json');
    expect(exported.code, exported.stderr).toBe(0);
    const document = readFileSync(join(top, 'all.json'), 'utf8');
    expect(document).toContain('"database_type": "postgresql"');
    // What looks like a credential is left out, as of any other database.
    expect(document).not.toContain('c4ca4238a0b923820dcc509a6f75849b');
    expect(said.join('\n')).not.toContain(SECRET);
    for (const path of filesIn(top)) expect(readFileSync(path, 'latin1'), path).not.toContain(SECRET);
  });
});
