import type { Command } from 'commander';
import { heal } from '../../commit/heal.ts';
import { type LeftOut, leftOutInWords } from '../../core/privacy/left-out.ts';
import { verifyFailed } from '../../core/problems/backups.ts';
import { usage } from '../../core/problems/usage.ts';
import { count } from '../../core/words.ts';
import { openRepository } from '../../git/repository.ts';
import { verify } from '../../operations/verify.ts';
import type { LocalFolder } from '../../stores/store.ts';
import { invokeEach, type Terminal } from '../command.ts';
import { withStore } from '../store-option.ts';

export function addVerify(program: Command, terminal: Terminal): void {
  withStore(program.command('verify'))
    .argument('[name]', 'the backup to try, or the beginning of its name; without one, or with latest, the newest')
    .description('a restore drill: restore into a scratch database, check it, and read it again')
    .option('--all', 'try every backup')
    .addHelpText(
      'after',
      '\nExamples:\n  $ overwinter verify latest\n  $ overwinter verify before-migration\n  $ overwinter verify --all --json',
    )
    .action((name: string | undefined, options: { all?: boolean }, command: Command) =>
      invokeEach(
        terminal,
        command,
        async ({ project, at, output, name: named }) => {
          if (name !== undefined && options.all)
            throw usage('A name and --all exclude each other.', "'overwinter verify --all' tries every backup.")();
          const which = name !== undefined && name !== 'latest' ? { name } : options.all ? 'all' : 'newest';
          const among = options.all ? 'all' : 'newest';
          // Git's objects are for the folder that it tracks.
          const healed = at === project ? await healFromGit(project.store, terminal.env, among) : [];
          for (const file of healed) output.say(`Healed ${file} from git's objects.`);
          const drilled = await verify(at, which, output.progress);
          const results = drilled.map((each) => ({ ...each, hint: each.hint && named(each.hint) }));
          const failed = results.filter((result) => !result.ok).length;
          const without = (leftOut: LeftOut) => {
            const words = leftOutInWords(leftOut);
            return words === undefined ? '' : output.paint.dim(`  without ${words}`);
          };
          const lines = results.map(({ name: each, ok, rows, problem, leftOut }) =>
            ok
              ? `${output.paint.green('✔')} ${each}  ${count(rows, 'row')}${without(leftOut)}`
              : `${output.paint.red('✘')} ${each}  ${problem}`,
          );
          for (const { warnings } of results) for (const warning of warnings) output.warn(`${warning}.`);
          output.result({ ok: failed === 0, healed, backups: results }, lines.join('\n'));
          if (failed > 0 && !output.json) throw verifyFailed(failed, results.length)();
          return failed > 0 ? 3 : 0;
        },
        { backup: name },
      ),
    );
}

/** Parts that a merge dropped, or that were damaged since they were committed, are still among git's objects. */
async function healFromGit(
  store: LocalFolder,
  env: Terminal['env'],
  among: 'newest' | 'all',
): Promise<readonly string[]> {
  const repository = await openRepository(store.path, env);
  return repository === undefined ? [] : (await heal(repository, store, { among, deep: true })).healed;
}
