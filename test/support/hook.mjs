// What a user's hook runs: the compiled entrance, with a project put together as the command line would. It is started once for
// many commits; `hook-client.sh`, which git starts, hands it what the hook was given: verb, root, mode, folder, variables.
// usage: node hook.mjs FILE (for the port); it ends with its standard input
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { postCommit, preCommit } from '../../dist-test/src/commit/hook.js';
import { sqliteDatabase } from '../../dist-test/src/engines/sqlite/database.js';
import { folderStore } from '../../dist-test/src/stores/folder/folder-store.js';

async function run([verb, root, mode, cwd, ...variables]) {
  const env = Object.fromEntries(
    variables.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
  );
  const backups = join(root, 'backups');
  const said = [];
  const options = { cwd, backups, env, log: (line) => said.push(line), strict: mode === 'strict' };
  const project = {
    database: sqliteDatabase(join(root, 'app.db'), { busyTimeout: 200 }),
    identity: { name: 'app', isNamed: false, path: 'app.db' },
    local: join(root, '.overwinter'),
    store: folderStore(backups),
    // Commits in a test follow each other faster than people's do, and a backup's name tells seconds.
    now: () => new Date(Date.now() + Number(env.CLOCK_AHEAD ?? 0) * 1000),
    environment: 'test',
    maxShrink: 0.5,
    retention: { last: 10, daily: 7, weekly: 4, monthly: 12 },
    keepSnapshots: 10,
    ignoreTables: [],
    wait: 5000,
  };
  try {
    await (verb === 'pre-commit' ? preCommit([project], options) : postCommit(options));
    return { code: process.exitCode ?? 0, said };
  } catch (error) {
    return { code: 1, said: [...said, `overwinter: ${error.message}`] };
  } finally {
    process.exitCode = undefined;
  }
}

const server = createServer((socket) => {
  let heard = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', async (chunk) => {
    heard = Buffer.concat([heard, chunk]);
    if (!heard.subarray(-2).equals(Buffer.alloc(2))) return;
    const { code, said } = await run(heard.subarray(0, -2).toString('utf8').split('\0'));
    socket.end(`${[code, ...said].join('\n')}\n`);
  });
});
server.listen(0, '127.0.0.1', () => {
  const [, , file] = process.argv;
  writeFileSync(`${file}-new`, String(server.address().port));
  renameSync(`${file}-new`, file);
});
process.stdin.on('end', () => process.exit()).resume();
