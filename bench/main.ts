import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recipientText } from '../src/core/age-keys.ts';
import { publicKeyOf } from '../src/crypto/x25519.ts';
import { changeOneRow, makeDatabase } from './database.ts';
import { type Comparison, compare, peakMemory } from './measure.ts';

/**
 * Overwinter beside the `sqlite3` command line, on the same generated database, in one run. Ratios are what counts: below 1 is
 * faster than what people use instead.
 *
 *   npm run bench                  600,000 rows, five pairs of runs
 *   npm run bench -- --rows 60000 --runs 3
 *   npm run bench -- --large       also the memory at 1 GB
 *   npm run bench -- --only growth | speed | memory
 */
const flag = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(name);
  return at === -1 ? otherwise : Number(process.argv[at + 1]);
};
const ROWS = flag('--rows', 600_000);
const RUNS = flag('--runs', 5);
const ONLY = process.argv[process.argv.indexOf('--only') + 1];
const wants = (what: string) => !process.argv.includes('--only') || ONLY === what;
const LARGE = process.argv.includes('--large');

const folder = mkdtempSync(join(tmpdir(), 'overwinter-bench-'));
const main = new URL('../dist/main.js', import.meta.url).pathname;
const overwinter = (dir: string, db: string, ...args: string[]) => [
  process.execPath,
  main,
  ...args,
  '--db',
  db,
  '--dir',
  join(dir, 'backups'),
];

function speed(db: string): Comparison[] {
  const ours = join(folder, 'ours');
  const dump = join(folder, 'dump.sql');
  const restored = join(folder, 'restored.db');
  const clean = (path: string) => () => rmSync(path, { recursive: true, force: true });
  const fresh = () => {
    clean(ours)();
    mkdirSync(ours, { recursive: true });
  };
  const backup = compare(
    'backup ÷ sqlite3 .dump',
    { argv: overwinter(ours, db, 'backup', '--quiet'), before: fresh },
    { argv: ['sqlite3', db, '.dump'], stdout: dump },
    RUNS,
  );
  const restore = compare(
    'restore ÷ sqlite3 < dump.sql',
    { argv: overwinter(ours, db, 'restore', '--quiet', '--to', restored), before: clean(restored) },
    { argv: ['sqlite3', `${restored}.theirs`], stdin: dump, before: clean(`${restored}.theirs`) },
    RUNS,
  );
  const unchanged = compare(
    'unchanged backup ÷ node -e 0',
    { argv: overwinter(ours, db, 'backup', '--quiet') },
    { argv: [process.execPath, '-e', '0'] },
    Math.max(RUNS, 15),
  );
  return [backup, restore, unchanged];
}

function memory(db: string): { backup: number; restore: number; megabytes: number } {
  const dir = join(folder, 'memory');
  const restored = join(folder, 'memory.db');
  mkdirSync(dir, { recursive: true });
  const backup = peakMemory(overwinter(dir, db, 'backup', '--quiet').slice(0));
  const restore = peakMemory(overwinter(dir, db, 'restore', '--quiet', '--to', restored));
  rmSync(dir, { recursive: true });
  rmSync(restored);
  return { backup, restore, megabytes: statSync(db).size / 1e6 };
}

function sizeOf(path: string): number {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Somebody's public key: what is encrypted to it is not opened here, as on a laptop that only commits. */
const RECIPIENT = recipientText(publicKeyOf(new Uint8Array(32).fill(7)));

/** Commits with one row changed before each; bytes that the repository grew by, before and after `git gc`. */
function growth(commits: number, encrypted: boolean): { perCommit: number; before: number; after: number } {
  const dir = join(folder, encrypted ? 'growth-encrypted' : 'growth');
  mkdirSync(dir);
  if (encrypted)
    writeFileSync(join(dir, 'overwinter.config.json'), JSON.stringify({ encrypt: { recipients: [RECIPIENT] } }));
  const db = join(dir, 'app.db');
  makeDatabase(db, 190_000);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=b', '-c', 'user.email=b@example.org', ...args]);
  const save = () => {
    const [program = '', ...args] = overwinter(dir, db, 'backup', '--quiet');
    execFileSync(program, args, { cwd: dir });
    git('add', 'backups');
    git('commit', '-qm', 'save');
  };
  git('init', '-q');
  git('config', 'gc.auto', '0');
  save();
  const first = sizeOf(join(dir, '.git', 'objects'));
  for (let i = 1; i <= commits; i++) {
    changeOneRow(db, i);
    save();
  }
  const before = sizeOf(join(dir, '.git', 'objects'));
  git('gc', '-q', '--prune=now');
  return { perCommit: (before - first) / commits, before, after: sizeOf(join(dir, '.git', 'objects')) };
}

const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

try {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json']);
  const db = join(folder, 'bench.db');
  makeDatabase(db, ROWS);
  console.log(`${ROWS.toLocaleString('en')} rows, ${mb(statSync(db).size)}; medians of ${RUNS} alternating pairs\n`);
  console.log('| | ratio | ours | theirs |\n|---|---|---|---|');
  for (const { name, ratio, ours, theirs } of wants('speed') ? speed(db) : []) {
    console.log(`| ${name} | ${ratio.toFixed(2)} | ${ours.toFixed(2)} s | ${theirs.toFixed(2)} s |`);
  }
  const sizes = LARGE ? [1_000_000, 10_000_000] : [ROWS];
  console.log('\n| database | peak memory of backup | of restore |\n|---|---|---|');
  for (const rows of wants('memory') ? sizes : []) {
    const file = join(folder, 'memory-source.db');
    if (rows === ROWS) copyFileSync(db, file);
    else makeDatabase(file, rows);
    const { backup, restore, megabytes } = memory(file);
    console.log(`| ${megabytes.toFixed(0)} MB | ${mb(backup)} | ${mb(restore)} |`);
  }
  if (wants('growth')) {
    const commits = 50;
    const [plain, sealed] = [growth(commits, false), growth(commits, true)];
    const kb = (bytes: number) => `${(bytes / 1000).toFixed(0)} KB`;
    const row = (what: string, say: (bytes: number) => string, a: number, b: number) =>
      console.log(`| ${what} | ${say(a)} | ${say(b)} | ${(b / a).toFixed(2)} |`);
    console.log(
      `\n| ${commits} commits, one row of 20 MB changed before each | plain | encrypted | ratio |\n|---|---|---|---|`,
    );
    row('loose bytes a commit', kb, plain.perCommit, sealed.perCommit);
    row('all of them, before gc', mb, plain.before, sealed.before);
    row('after gc', mb, plain.after, sealed.after);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
