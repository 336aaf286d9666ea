import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { fallbackNotConfirmed } from '../core/problems/target.ts';
import type { Invocation, Terminal } from './command.ts';

/**
 * A database that only DATABASE_URL names may be one that nobody thought of: production's, while a shell still has its variables. So
 * what puts something in its place says which it is, and asks. Throws NOT_CONFIRMED.
 */
export async function mustBeMeant(
  { project, which: { onlyNamedBy }, terminal }: Invocation,
  what: string,
  yes: boolean | undefined,
): Promise<void> {
  if (onlyNamedBy === undefined || yes === true) return;
  const question = `This ${what} ${project.database.label}, which ${onlyNamedBy} alone names. Type 'yes' to go on: `;
  if ((await answerTo(terminal, question)) === 'yes') return;
  throw fallbackNotConfirmed(what, project.database.label, onlyNamedBy)();
}

/** What is typed; undefined where nobody is there to type, and empty where they leave. */
export async function answerTo(terminal: Terminal, question: string): Promise<string | undefined> {
  if (process.stdin.isTTY !== true) return undefined;
  const lines = createInterface({ input: process.stdin, output: terminal.err });
  try {
    const closed = once(lines, 'close').then(() => '');
    return (await Promise.race([lines.question(question), closed])).trim();
  } finally {
    lines.close();
  }
}
