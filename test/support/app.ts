import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { whenTestEnds } from './endings.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const running = new Set<ChildProcess>();

whenTestEnds(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

export interface App {
  readonly pid: number;
  /** The next line it prints that begins so; throws if it ends before, with what it said. */
  heard(word: string): Promise<string>;
  /** The last line it printed until now. */
  last(): string;
  errors(): string;
  say(text: string): void;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Runs an app in a process of its own, with the library as it is shipped: `Database`, the library's names, `file` (the
 * database, open as `db`), `dir` (the backups) and `say` are there.
 */
export function startApp(folder: string, script: string): App {
  writeFileSync(join(folder, 'package.json'), '{}');
  const source = `
    import Database from 'better-sqlite3';
    import { keep, withSnapshot, snapshotted } from ${JSON.stringify(resolve(ROOT, 'dist/index.js'))};
    import { writeSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const folder = ${JSON.stringify(folder)};
    const file = folder + '/app.db';
    const dir = folder + '/backups';
    const say = (text) => {
      // Whoever listens may be busy: the pipe is full then.
      try { writeSync(1, text + '\\n'); } catch (error) { if (error.code !== 'EAGAIN') throw error; say(text); }
    };
    const db = new Database(file, { timeout: 10000 });
    db.pragma('journal_mode = wal');
    ${script}`;
  return appOf(spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: ROOT, env: clean() }));
}

export function startCommand(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): App {
  return appOf(spawn(command, [...args], { cwd, env: { ...clean(), ...env } }));
}

function clean(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  const clean = entries.filter(([name]) => !/^(OVERWINTER|GIT_|CI$|NODE_ENV$|VITEST)/.test(name));
  // Wherever the tests run, what they try runs on a machine that keeps its files.
  return { ...Object.fromEntries(clean), OVERWINTER_HOST: 'none' };
}

function appOf(child: ReturnType<typeof spawn>): App {
  running.add(child);
  const lines: string[] = [];
  let read = 0;
  let errors = '';
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return { code, signal };
  });
  if (child.stdout === null || child.stderr === null || child.stdin === null) throw new Error('no pipes');
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const { stdin } = child;
  stdin.on('error', () => {});
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  return {
    pid: child.pid ?? 0,
    async heard(word) {
      for (;;) {
        while (read < lines.length) {
          const line = lines[read++] ?? '';
          if (line.startsWith(word)) return line;
        }
        if (isOver) throw new Error(`the app ended without '${word}': ${lines.slice(-3).join(' | ')} ${errors}`);
        await new Promise((go) => setTimeout(go, 5));
      }
    },
    last: () => lines.at(-1) ?? '',
    errors: () => errors,
    say: (text) => void stdin.write(`${text}\n`),
    signal: (signal) => void child.kill(signal),
    ended,
  };
}
