import { spawn } from 'node:child_process';
import { type AlarmMemory, alarmMemoryText } from '../core/alarms/read-memory.ts';
import type { Environment } from '../core/config.ts';
import { findOwnProgram } from '../project/own-package.ts';

export interface Errand {
  readonly addresses: readonly string[];
  readonly local: string;
  /** What is known and could not be written. */
  readonly unwritten: AlarmMemory | undefined;
}

/**
 * Starts a process that sends what is due and outlives this one. Where it cannot be started, what is due stays so. It hears what to do from
 * its input: arguments can be read by everybody on the machine.
 */
export function sendElsewhere({ addresses, local, unwritten }: Errand, env: Environment): void {
  const program = findOwnProgram('alarm-sender.js');
  if (program === undefined) return;
  const errand = { addresses, local, ...(unwritten === undefined ? {} : { unwritten: alarmMemoryText(unwritten) }) };
  const child = spawn(process.execPath, [program], {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...env },
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(errand));
  child.unref();
}
