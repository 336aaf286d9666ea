/**
 * What this repository's own hook and workflow run, on the example's database:
 *   npm run backup              before a commit
 *   npm run backup -- ci [...]  after a push; options as 'overwinter ci --help' lists them
 * Where the example has no database and no backup, nothing happens.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../src/cli/program.ts';
import { preCommit } from '../src/commit/hook.ts';
import { openProject } from '../src/project/open-project.ts';

const root = join(import.meta.dirname, '..');
const db = join(root, 'examples/budget/budget.db');
const dir = join(root, 'backups');
const world = { cwd: root, env: process.env, now: () => new Date() };
const log = (line: string) => void process.stderr.write(`${line}\n`);

async function hook(): Promise<void> {
  const { project } = await openProject(world, { db, dir });
  await preCommit([project], { cwd: process.cwd(), env: process.env, log });
}

async function ci(options: readonly string[]): Promise<void> {
  const has = existsSync(db);
  if (!has && !existsSync(dir)) return log('The example has neither a database nor a backup: nothing to do.');
  const argv = ['ci', ...options, '--dir', dir, ...(has ? ['--db', db] : [])];
  await main({ ...world, argv, out: process.stdout, err: process.stderr });
}

const [mode = 'hook', ...options] = process.argv.slice(2);
if (mode === 'hook') await hook();
else if (mode === 'ci') await ci(options);
else {
  log(`There is no '${mode}': 'hook' or 'ci'.`);
  process.exitCode = 2;
}
