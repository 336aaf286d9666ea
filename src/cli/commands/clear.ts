import { basename } from 'node:path';
import type { Command } from 'commander';
import { hint, overwinter } from '../../core/hint.ts';
import { notConfirmed, tableUnknown } from '../../core/problems/usage.ts';
import { count, number } from '../../core/words.ts';
import { clear } from '../../operations/clear.ts';
import type { Project } from '../../operations/project.ts';
import { type Invocation, invoke, type Terminal } from '../command.ts';
import { answerTo } from '../confirm.ts';
import { stoppable } from '../stoppable.ts';

interface Options {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export function addClear(program: Command, terminal: Terminal): void {
  program
    .command('clear')
    .argument('<tables...>', 'the tables to empty')
    .description('empty tables, after a snapshot and a question')
    .option('--yes', 'do not ask')
    .option('-n, --dry-run', 'say how many rows would go, and remove none')
    .addHelpText(
      'after',
      `
Examples:
  $ overwinter clear expenses income_entries
  $ overwinter clear sessions --yes

Foreign keys are heeded; 'overwinter undo' brings the rows back.`,
    )
    .action((tables: string[], options: Options, command: Command) =>
      invoke(terminal, command, (invocation) =>
        stoppable(invocation.output, invocation.project.database.label, (watched) =>
          run({ ...invocation, project: { ...invocation.project, ...watched } }, tables, options),
        ),
      ),
    );
}

async function run(invocation: Invocation, tables: readonly string[], options: Options): Promise<number> {
  const { project, output, which } = invocation;
  await mustKnow(project, tables);
  if (options.dryRun === true) {
    const counts = await project.database.counts();
    const rows = Object.fromEntries(tables.map((name) => [name, counts.get(name) ?? 0]));
    for (const name of tables) output.say(`Would remove ${count(rows[name] ?? 0, 'row')} from ${name}.`);
    output.result({ rows }, '');
    return 0;
  }
  if (options.yes !== true && !(await isConfirmed(invocation, tables)))
    throw notConfirmed(
      tables,
      which.onlyNamedBy && `${project.database.label}, which ${which.onlyNamedBy} alone names`,
    )();
  const result = await clear(project, tables);
  for (const [name, rows] of Object.entries(result.removed)) output.say(`${name.padEnd(20)} ${number(rows)}`);
  for (const warning of result.warnings) output.warn(`${warning}.`);
  output.say(hint`Removed ${count(result.rows, 'row')}. ${overwinter('undo')} brings them back.`);
  output.result(result, '');
  return 0;
}

/** Nobody is asked about a table that is not there. Throws USAGE. */
async function mustKnow({ database }: Project, tables: readonly string[]): Promise<void> {
  const { fold } = database.codec;
  const there = [...(await database.counts()).keys()];
  const unknown = tables.find((table) => !there.some((each) => fold(each) === fold(table)));
  if (unknown !== undefined) throw tableUnknown(unknown, there)();
}

/** What cannot be taken for anything else: the name of the database's file, typed. */
async function isConfirmed({ project, which, terminal }: Invocation, tables: readonly string[]): Promise<boolean> {
  if (process.stdin.isTTY !== true) return false;
  const name = basename(project.database.label);
  const counts = await project.database.counts();
  const rows = tables.reduce((sum, table) => sum + (counts.get(table) ?? 0), 0);
  const named =
    which.onlyNamedBy === undefined ? '' : ` of ${project.database.label}, which ${which.onlyNamedBy} alone names`;
  const question = `This removes ${count(rows, 'row')} from ${tables.join(', ')}${named}. Type ${name} to go on: `;
  return (await answerTo(terminal, question)) === name;
}
