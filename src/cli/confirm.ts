import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { fallbackNotConfirmed } from '../core/problems/target.ts';
import { replaceNotConfirmed } from '../core/problems/usage.ts';
import type { Invocation, Terminal } from './command.ts';
import { columnsOf, printed } from './output.ts';

/**
 * What puts something in the place of a database says what would go, and asks, where somebody is there to answer; a script goes on.
 * Not so where DATABASE_URL alone names the database: it may be one that nobody thought of, production's, while a shell still has its
 * variables. `loss` says what would go; where it says nothing, nothing is asked. Throws NOT_CONFIRMED.
 */
export async function mustBeMeant(
  { project, which: { onlyNamedBy }, terminal }: Invocation,
  what: string,
  yes: boolean | undefined,
  loss: () => Promise<string | undefined> = async () => undefined,
): Promise<void> {
  if (yes === true) return;
  const going = isSomebodyThere() ? await loss() : undefined;
  if (onlyNamedBy === undefined && going === undefined) return;
  const { label } = project.database;
  const named = onlyNamedBy === undefined ? label : `${label}, which ${onlyNamedBy} alone names`;
  const question = `This ${what} ${named}${going === undefined ? '' : `: ${going}`}. Type 'yes' to go on: `;
  if ((await answerTo(terminal, question)) === 'yes') return;
  if (onlyNamedBy === undefined) throw replaceNotConfirmed(label)();
  throw fallbackNotConfirmed(what, label, onlyNamedBy)();
}

const isSomebodyThere = () => process.stdin.isTTY === true;

/** What is typed; undefined where nobody is there to type, and empty where they leave. */
export async function answerTo(terminal: Terminal, question: string): Promise<string | undefined> {
  if (!isSomebodyThere()) return undefined;
  const lines = createInterface({ input: process.stdin, output: terminal.err });
  try {
    const closed = once(lines, 'close').then(() => '');
    const fitted = printed(question, columnsOf(terminal.err, terminal.env));
    return (await Promise.race([lines.question(fitted), closed])).trim();
  } finally {
    lines.close();
  }
}
