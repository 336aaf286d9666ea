import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('hook.mjs', import.meta.url));
const CLIENT = fileURLToPath(new URL('hook-client.sh', import.meta.url));

let port: string | undefined;

/** The command of a hook: a small client of the program, which is started once for all files of tests that share a process. */
export function hookCommand(verb: string, root: string, mode: string): string {
  port ??= start();
  return `exec /bin/bash '${CLIENT}' ${port} ${verb} "${root}" ${mode}`;
}

function start(): string {
  const folder = mkdtempSync(join(tmpdir(), 'overwinter-hooks-'));
  const file = join(folder, 'port');
  const server = spawn(process.execPath, [SERVER, file], { stdio: ['pipe', 'inherit', 'inherit'] });
  server.unref();
  if ('unref' in server.stdin && typeof server.stdin.unref === 'function') server.stdin.unref();
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; !existsSync(file); waited += 5) {
    if (waited > 60_000) throw new Error('the hooks did not start');
    Atomics.wait(nothing, 0, 0, 5);
  }
  const found = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  return found;
}
