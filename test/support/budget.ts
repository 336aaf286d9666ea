import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../../examples/budget/main.ts');

/** Where the example lies, and how it is started. */
export interface BudgetPlace {
  readonly folder: string;
  /** Its database, as `BUDGET_DB` says it; undefined where the script says it. */
  readonly file: string | undefined;
  readonly backups: string;
  /** What is started, with its arguments. Default: the app itself. */
  readonly script?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The app as a host starts it. */
export async function startBudget(
  { folder, file, backups, script = [MAIN], env }: BudgetPlace,
  onStarted: (child: ChildProcess) => void,
) {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), ...script], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      OVERWINTER_HOST: 'none',
      PORT: '0',
      BUDGET_BACKUPS: backups,
      ...(file === undefined ? {} : { BUDGET_DB: file }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStarted(child);
  let told = '';
  const hear = (chunk: Buffer) => {
    told += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const said = async (pattern: RegExp) => {
    await expect.poll(() => pattern.exec(told), { timeout: 40_000, message: 'what it says' }).not.toBeNull();
    return pattern.exec(told)?.[1] ?? '';
  };
  const address = await said(/The budget is at (\S+)\n/);
  const post = (path: string, fields: Record<string, string>, cookie = '') =>
    fetch(address + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: address, cookie },
      body: new URLSearchParams(fields),
    });
  const signIn = async (email = 'ada@example.org') => {
    await post('/password', { email });
    const path = await said(/choose a password at http:\/\/localhost:\d+(\/\S+)\n/);
    const answer = await post(path, { password: 'correct horse battery' });
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  return { address, post, signIn, said, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<unknown> {
  const over = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await over;
  return code;
}
