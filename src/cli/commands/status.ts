import type { Command } from 'commander';
import type { Light, Reason } from '../../core/decide.ts';
import { leftOutInWords } from '../../core/privacy/left-out.ts';
import { age, count, number, size } from '../../core/words.ts';
import { type Status, status } from '../../operations/status.ts';
import { invokeEach, type Terminal } from '../command.ts';
import type { Output } from '../output.ts';

const WORDS: Record<Light, string> = {
  green: 'the data is safe',
  yellow: 'have a look',
  red: 'the data is not safe',
};

export function addStatus(program: Command, terminal: Terminal): void {
  program
    .command('status')
    .description('say how safe the data is and why: green, yellow or red')
    .addHelpText('after', '\nExamples:\n  $ overwinter status\n  $ overwinter status --json')
    .action((_options: unknown, command: Command) => {
      const lights: Light[] = [];
      const summary = (output: Output) => {
        const light = worstOf(lights);
        if (!output.json) output.result({}, `\n${output.paint[light](`● ${light}: ${WORDS[light]}`)}`);
        return { light };
      };
      return invokeEach(
        terminal,
        command,
        async ({ project, output, name, siblings }) => {
          const looked = await status(project);
          const reasons = looked.reasons.map(
            (reason): Reason => (reason.hint === undefined ? reason : { ...reason, hint: name(reason.hint) }),
          );
          const found = { ...looked, reasons };
          const { database, newest } = found;
          const paint = output.paint[found.light];
          const lines = [paint(`● ${found.light}: ${WORDS[found.light]}`), ''];
          for (const { text, hint } of found.reasons) {
            lines.push(`  ${text}`);
            if (hint !== undefined) lines.push(`  ${output.paint.dim(hint)}`);
          }
          if (found.reasons.length > 0) lines.push('');
          const rows =
            database.rows === undefined
              ? ''
              : `, ${count(database.rows, 'row')} in ${count(database.tables ?? 0, 'table')}`;
          const file = database.bytes === undefined ? 'missing' : `${size(database.bytes)}${rows}`;
          const changed =
            database.modified === undefined ? '' : `, written ${age(secondsSince(database.modified, terminal))}`;
          lines.push(`  database  ${database.path} (${file}${changed})`);
          if (newest === undefined) lines.push('  backups   none');
          else {
            lines.push(`  backups   ${number(found.backups)}, the newest ${age(newest.ageSeconds)}: ${newest.name}`);
            lines.push(`  origin    ${newest.metadata.origin.environment}, ${newest.metadata.origin.trigger}`);
          }
          const left = leftOutInWords(found.leftOut);
          if (left !== undefined) lines.push(`  left out  ${left}`);
          lines.push(`  here      ${found.environment}${found.host === undefined ? '' : `, on ${found.host.name}`}`);
          lines.push(`  boot      would ${found.boot}`);
          output.result(found, siblings === 1 ? lines.join('\n') : shortly(found, output));
          lights.push(found.light);
          return 0;
        },
        { summary },
      );
    });
}

/** A line for one database of several, and what is wrong with it; 'overwinter status --db NAME' tells everything. */
function shortly({ light, reasons, backups }: Status, { paint }: Output): string {
  const lines = reasons.filter((reason) => reason.light !== 'green');
  return [
    paint[light](`● ${light}: ${WORDS[light]}`) + paint.dim(`  ${count(backups, 'backup')}`),
    ...lines.flatMap(({ text, hint }) => [`  ${text}`, ...(hint === undefined ? [] : [`  ${paint.dim(hint)}`])]),
  ].join('\n');
}

const worstOf = (lights: readonly Light[]): Light =>
  (['red', 'yellow'] as const).find((light) => lights.includes(light)) ?? 'green';

const secondsSince = (date: string, { now }: Terminal) => Math.max(0, (now().getTime() - Date.parse(date)) / 1000);
