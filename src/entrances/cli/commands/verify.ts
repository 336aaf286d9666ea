import type { Command } from 'commander';
import { usage, verifyFailed } from '../../../core/problems.ts';
import { verify } from '../../../operations/verify.ts';
import { invoke, type Terminal } from '../command.ts';
import { count } from '../words.ts';

export function addVerify(program: Command, terminal: Terminal): void {
  program
    .command('verify')
    .argument('[name]', 'the backup to try; without one the newest')
    .description('a restore drill: restore into a scratch database, check it, and read it again')
    .option('--all', 'try every backup')
    .addHelpText(
      'after',
      '\nExamples:\n  $ overwinter verify\n  $ overwinter verify before-migration\n  $ overwinter verify --all --json',
    )
    .action((name: string | undefined, options: { all?: boolean }, command: Command) =>
      invoke(terminal, command, async ({ project, output }) => {
        if (name !== undefined && options.all)
          throw usage('A name and --all exclude each other.', "'overwinter verify --all' tries every backup.")();
        const which = name !== undefined ? { name } : options.all ? 'all' : 'newest';
        const results = await verify(project, which, output.progress);
        const failed = results.filter((result) => !result.ok).length;
        const lines = results.map(({ name: each, ok, rows, problem }) =>
          ok
            ? `${output.paint.green('✔')} ${each}  ${count(rows, 'row')}`
            : `${output.paint.red('✘')} ${each}  ${problem}`,
        );
        for (const { warnings } of results) for (const warning of warnings) output.warn(`${warning}.`);
        output.result({ ok: failed === 0, backups: results }, lines.join('\n'));
        if (failed > 0 && !output.json) throw verifyFailed(failed, results.length)();
        return failed > 0 ? 3 : 0;
      }),
    );
}
