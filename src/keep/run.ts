import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandNotStarted } from '../core/problems/usage.ts';
import { type AutoRestoreResult, autoRestore } from '../operations/auto-restore.ts';
import type { OnProgress, Project } from '../operations/project.ts';
import type { Verified } from '../operations/verify.ts';
import type { KeepEvent } from './events.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Timing } from './schedule.ts';
import { type Teller, toldBy } from './tell-alarms.ts';

export interface RunOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timing: Timing;
  /** How long the last backup may take, in milliseconds. */
  readonly deadline: number;
  readonly onRestored: (result: AutoRestoreResult, of: Project) => void;
  readonly onEvent: (event: KeepEvent, of: Project) => void;
  /** What the alarms of a database hear, where somebody is to hear any. */
  readonly teller?: (of: Project) => Promise<Teller | undefined>;
  readonly onProgress: OnProgress;
}

/** How the command ended: one of the two is set. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Restores what databases need it, starts the command, and backs all of them up while it runs and once more when it has ended. Throws what
 * `autoRestore` throws, before the command ran: an app must not start empty where its data could not be brought back.
 */
export async function run(projects: readonly Project[], options: RunOptions): Promise<Ended> {
  const tellers = new Map<Project, Teller | undefined>();
  for (const project of projects) {
    const teller = await options.teller?.(project);
    tellers.set(project, teller);
    const restore = () => autoRestore(project, options.onProgress);
    options.onRestored(await (teller === undefined ? restore() : teller.boots(restore)), project);
  }
  const loops: Loop[] = [];
  const flush = (patience: number) => Promise.all(loops.map((loop) => loop.flush(patience)));
  try {
    for (const project of projects) {
      const teller = tellers.get(project);
      const onEvent = (event: KeepEvent) => {
        teller?.event(event);
        options.onEvent(event, project);
      };
      const onDrilled = (results: readonly Verified[]) => teller?.drilled(results);
      const loop = startLoop(project, { trigger: 'run', timing: options.timing, onEvent, onDrilled });
      loops.push(teller === undefined ? loop : toldBy(teller, loop));
    }
    const ended = await execute(() => void flush(0), options);
    await Promise.race([flush(options.deadline), sleep(options.deadline, undefined, { ref: false })]);
    return ended;
  } finally {
    for (const loop of loops) loop.stop();
  }
}

async function execute(onEnding: () => void, { command, cwd, env }: RunOptions): Promise<Ended> {
  const [file = '', ...args] = command;
  let child: ChildProcess | undefined;
  const stopPassing = passSignals((signal) => child?.kill(signal), onEnding);
  try {
    const started = spawn(file, args, { cwd, env: { ...env }, stdio: 'inherit' });
    child = started;
    const [code, signal]: [number | null, NodeJS.Signals | null] = await new Promise((resolve, reject) => {
      started.once('error', (error) => reject(commandNotStarted(file)(error)));
      once(started, 'exit').then(([exit, by]) => resolve([exit, by]), reject);
    });
    return { code, signal };
  } finally {
    stopPassing();
  }
}

const PASSED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
const FROM_KEYBOARD: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
const ENDING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGINT'];

/**
 * What is sent to this process is meant for the command. What a keyboard sends goes to both by itself. Where the end is near a
 * backup begins at once: the command may need longer than the host waits. It is called before the command is started, because a
 * command may be at work before whoever started it is: signals that come then are delivered when it is.
 */
function passSignals(send: (signal: NodeJS.Signals) => void, onEnding: () => void): () => void {
  const pass = (signal: NodeJS.Signals) => {
    if (!(FROM_KEYBOARD.includes(signal) && process.stdin.isTTY)) send(signal);
    if (ENDING.includes(signal)) onEnding();
  };
  for (const signal of PASSED) process.on(signal, pass);
  return () => {
    // From here on they must not end this process either: the last backup is being made.
    for (const signal of PASSED) process.removeListener(signal, pass).on(signal, ignore);
  };
}

const ignore = () => {};

/** Ends this process the way the command ended, so that whoever waits for it sees the same. Returns the code where that fails. */
export async function endLike(signal: NodeJS.Signals, number: number): Promise<number> {
  for (const passed of PASSED) process.removeListener(passed, ignore);
  process.kill(process.pid, signal);
  // The first process of a container is spared by signals.
  await sleep(100);
  return 128 + number;
}
