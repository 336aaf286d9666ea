import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { MAIN, type Ran } from './command-line.ts';
import { plainEnvironment } from './repository.ts';
import { kept } from './scratch.ts';

/** What a process asks of the system, as `faults.c` names it. */
export type SystemCall =
  | 'create'
  | 'fsync'
  | 'list'
  | 'mkdir'
  | 'open'
  | 'read'
  | 'rename'
  | 'stat'
  | 'unlink'
  | 'write';

export interface Fault {
  /** `change`: any that changes something, or tells somebody. */
  readonly call: SystemCall | 'change';
  /** `killed`: the process ends there and then. */
  readonly error: keyof typeof constants.errno | 'killed';
  /** The first call that fails; the first is 1. */
  readonly from: number;
  /** How many do, from there on; 0: all. */
  readonly times: number;
  /** What the call's path holds; nothing: whatever it is, and all of them are written down. */
  readonly at: string;
}

const SOURCE = join(import.meta.dirname, 'faults.c');

/** Where calls can be made to fail: the dynamic linker of Linux, and a compiler. */
export const canInject =
  process.platform === 'linux' && spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;

if (!canInject) console.log('Skipped: failing system calls need Linux and a C compiler (install gcc).');

let built: string | undefined;

function library(): string {
  if (built !== undefined) return built;
  const file = join(kept(), 'faults.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', file, SOURCE, '-ldl']);
  built = file;
  return file;
}

/** The environment of a process whose looks at anything under `at` never come back. */
export const hanging = (at: string): Record<string, string> => ({
  LD_PRELOAD: library(),
  OVERWINTER_FAULT: `stat:0:1:0:${at}`,
});

export interface Tried extends Ran {
  /** The calls, each as `CALL PATH`, in their order. */
  readonly calls: readonly string[];
  /** Those that failed. */
  readonly failed: readonly string[];
}

/** Runs the compiled program in a process of its own whose calls fail as told. What it asks of files under `folder` is written down. */
export function runWithFault(
  folder: string,
  args: readonly string[],
  fault: Fault | undefined,
  env: Record<string, string> = {},
): Tried {
  const log = `${folder}-calls`;
  rmSync(log, { force: true });
  const { call, error, from, times, at } = fault ?? { call: '', error: 'EIO', from: 1, times: 1, at: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: {
      ...plainEnvironment,
      OVERWINTER_HOST: 'none',
      OVERWINTER_DB: 'app.db',
      OVERWINTER_ENVIRONMENT: 'test',
      ...env,
      LD_PRELOAD: library(),
      OVERWINTER_FAULT_LOG: at === '' && fault !== undefined ? log : `${log}:${folder}`,
      ...(fault === undefined ? {} : { OVERWINTER_FAULT: `${call}:${numberOf(error)}:${from}:${times}:${at}` }),
    },
    encoding: 'utf8',
  });
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
  rmSync(log, { force: true });
  return {
    code: status,
    stdout,
    stderr,
    calls: lines.filter((line) => !line.startsWith('FAULT ')),
    failed: lines.filter((line) => line.startsWith('FAULT ')).map((line) => line.slice('FAULT '.length)),
  };
}

const numberOf = (error: Fault['error']) => (error === 'killed' ? -1 : constants.errno[error]);
