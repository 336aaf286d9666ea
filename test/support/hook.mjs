// What a user's hook runs: the compiled entrance, with a project put together as the command line would.
// usage: node hook.mjs pre-commit|post-commit ROOT [strict]
import { join } from 'node:path';
import { sqliteEngine } from '../../dist/engines/sqlite/index.js';
import { postCommit, preCommit } from '../../dist/entrances/hook.js';
import { folderStore } from '../../dist/stores/folder.js';

const [, , verb, root, mode] = process.argv;
const backups = join(root, 'backups');
const options = {
  cwd: process.cwd(),
  backups,
  env: process.env,
  log: (line) => process.stderr.write(`${line}\n`),
  strict: mode === 'strict',
};
const project = {
  db: join(root, 'app.db'),
  local: join(root, '.overwinter'),
  engine: sqliteEngine({ busyTimeout: 200 }),
  store: folderStore(backups),
  // Commits in a test follow each other faster than people's do, and a backup's name tells seconds.
  now: () => new Date(Date.now() + Number(process.env.CLOCK_AHEAD ?? 0) * 1000),
  environment: 'test',
  maxShrink: 0.5,
  retention: { last: 10, daily: 7, weekly: 4, monthly: 12 },
  keepSnapshots: 10,
  ignoreTables: [],
  wait: 5000,
};
try {
  await (verb === 'pre-commit' ? preCommit(project, options) : postCommit(options));
} catch (error) {
  process.stderr.write(`overwinter: ${error.message}\n`);
  process.exitCode = 1;
}
