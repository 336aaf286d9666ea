import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../support/scratch.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/streamlit.md'), 'utf8');

const PYTHON = spawnSync('python3', ['-c', 'import sqlite3']).status === 0;
if (!PYTHON) console.log('without python3 the guide for Streamlit is not tried: apt-get install python3');

const section = (heading: string) => {
  const from = GUIDE.indexOf(`### ${heading}\n`);
  expect(from, heading).toBeGreaterThan(0);
  return GUIDE.slice(from, GUIDE.indexOf('\n##', from + 4));
};
const code = (text: string, language: string) =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(text)?.[1] ?? '';

/** What stands in the place of Streamlit: a visitor fills in the form once, and what the app shows is printed. */
const STREAMLIT = `from contextlib import nullcontext
def form(name): return nullcontext()
def text_input(label): return 'tea'
def number_input(label, min_value): return 2.5
def form_submit_button(label): return True
def dataframe(rows): print('shown', rows, flush=True)
`;

/** For DuckDB, what the app in Python does. */
const DUCKDB_APP = `import { DuckDBInstance } from '@duckdb/node-api';
const instance = await DuckDBInstance.create('data/app.duckdb');
const db = await instance.connect();
await db.run('CREATE TABLE IF NOT EXISTS expenses(what VARCHAR, euros DECIMAL(9,2))');
await db.run("INSERT INTO expenses VALUES ('tea', 2.5)");
console.log('shown', JSON.stringify((await db.runAndReadAll('FROM expenses')).getRowsJson()));
process.once('SIGTERM', () => { db.closeSync(); instance.closeSync(); process.exit(0); });
setInterval(() => {}, 1000);
`;

/** A folder in which the guide's commands find what they name. */
function project(app: string, program: string) {
  const folder = scratch();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'app.py'), app);
  writeFileSync(join(folder, 'streamlit.py'), STREAMLIT);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const script = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  script('npx', `shift; exec "${process.execPath}" "${join(ROOT, 'dist/main.cjs')}" "$@"`);
  // As the real one: 'run', the app, settings.
  script('streamlit', `[ "$1 $2 $3 $4" = "run app.py --server.port 8080" ] || exit 9\n${program}`);
  return folder;
}

/** Runs a command of the guide until it says what is waited for, stops it as a host does, and gives all it said. */
async function runUntil(folder: string, command: string, awaited: RegExp): Promise<string> {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, OVERWINTER_HOST: 'none' };
  const child = spawn('sh', ['-c', `exec ${command}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ended = once(child, 'close');
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text;
      if (awaited.test(said) && !child.killed) child.kill('SIGTERM');
    });
  await ended;
  expect(said).toMatch(awaited);
  return said;
}

const runIn = (text: string) =>
  code(text, 'sh')
    .split('\n')
    .find((line) => line.includes('overwinter run')) ?? '';

test.skipIf(!PYTHON)(
  'SQLite: each change is saved while the app runs, and is there again where the host forgot it',
  async () => {
    const text = section('SQLite');
    const folder = project(code(text, 'python'), 'python3 app.py && exec sleep 60');
    const first = await runUntil(folder, runIn(text), /shown[\s\S]*Saved 1 row/);
    expect(first).toContain("shown [('tea', 2.5)]");
    rmSync(join(folder, 'data'), { recursive: true });
    mkdirSync(join(folder, 'data'));
    const second = await runUntil(folder, runIn(text), /Restored 1 row[\s\S]*shown/);
    expect(second).toContain("shown [('tea', 2.5), ('tea', 2.5)]");
  },
);

test('DuckDB: what the app has open is saved when it ends, and is there again where the host forgot it', async () => {
  const text = section('DuckDB');
  expect(code(text, 'python')).toContain('expenses(what VARCHAR, euros DECIMAL(9,2))');
  const folder = project('', `exec "${process.execPath}" app.mjs`);
  writeFileSync(join(folder, 'app.mjs'), DUCKDB_APP);
  const first = await runUntil(folder, runIn(text), /shown/);
  expect(first).toContain('shown [["tea","2.50"]]');
  expect(first).toContain('Saved 1 row');
  rmSync(join(folder, 'data'), { recursive: true });
  mkdirSync(join(folder, 'data'));
  const second = await runUntil(folder, runIn(text), /shown/);
  expect(second).toMatch(/Restored 1 row[\s\S]*shown \[\["tea","2.50"\],\["tea","2.50"\]\][\s\S]*Saved 2 rows/);
});

test('DuckDB: an app that has nothing open between two visits is saved while it runs', async () => {
  const folder = project('', `exec "${process.execPath}" app.mjs`);
  const closing = DUCKDB_APP.replace(/process\.once.*\n/, 'db.closeSync(); instance.closeSync();\n');
  writeFileSync(join(folder, 'app.mjs'), closing);
  expect(await runUntil(folder, runIn(section('DuckDB')), /shown[\s\S]*Saved 1 row/)).toContain('Saved 1 row');
});
