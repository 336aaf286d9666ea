import type { Command } from 'commander';
import { heal } from '../../commit/heal.ts';
import { hint, hintText, overwinter } from '../../core/hint.ts';
import { type LeftOut, leftOutInWords } from '../../core/privacy/left-out.ts';
import { verifyFailed } from '../../core/problems/backups.ts';
import { usage } from '../../core/problems/usage.ts';
import { count } from '../../core/words.ts';
import { openRepository } from '../../git/repository.ts';
import { failed, isConfigured, succeeded } from '../../notify/what-happened.ts';
import { verify } from '../../operations/verify.ts';
import type { LocalFolder } from '../../stores/store.ts';
import { withAlarms } from '../alarms.ts';
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
    .action(async (name: string | undefined, options: { all?: boolean }, command: Command) => {
      await withAlarms(terminal, (alarms) =>
        invokeEach(
          terminal,
          command,
          async (invocation) => {
            const { project, at, root, output, name: named } = invocation;
            if (name !== undefined && options.all)
              throw usage(
                'A name and --all exclude each other.',
                hint`${overwinter('verify', '--all')} tries every backup.`,
              )();
            const which = name !== undefined && name !== 'latest' ? { name } : options.all ? 'all' : 'newest';
            const among = options.all ? 'all' : 'newest';
            // Git's objects are for the folder that it tracks.
            const healed = at === project ? await healFromGit(project.store, terminal.env, among) : [];
            for (const file of healed) output.say(`Healed ${file} from git's objects.`);
            const told = at === project || isConfigured(project, at.store.label) ? await alarms(invocation) : undefined;
            const about = {
              project,
              root,
              subject: 'verify',
              store: at === project ? undefined : at.store.label,
            } as const;
            const drilled = await verify(at, which, output.progress).catch(async (error: unknown) => {
              await told?.tell(failed(about, error));
              throw error;
            });
            const results = drilled.map((each) => ({ ...each, hint: each.hint && hintText(named(each.hint)) }));
            const bad = results.filter((result) => !result.ok).length;
            if (bad > 0) await told?.tell(failed(about, verifyFailed(bad, results.length)()));
            // That an older one is well says nothing of the newest.
            else if (typeof which === 'string') await told?.tell(succeeded(about));
            const without = (leftOut: LeftOut) => {
              const words = leftOutInWords(leftOut);
              return words === undefined ? '' : output.paint.dim(`  without ${words}`);
            };
            const tried = (where: string | undefined) => (where === undefined ? '' : output.paint.dim(`  in ${where}`));
            const lines = results.map(({ name: each, ok, rows, problem, leftOut, where }) =>
              ok
                ? `${output.paint.green('✔')} ${each}  ${count(rows, 'row')}${tried(where)}${without(leftOut)}`
                : `${output.paint.red('✘')} ${each}  ${problem}`,
            );
            for (const { warnings } of results) for (const warning of warnings) output.warn(`${warning}.`);
            output.result({ ok: bad === 0, healed, backups: results }, lines.join('\n'));
            if (bad > 0 && !output.json) throw verifyFailed(bad, results.length)();
            return bad > 0 ? 3 : 0;
          },
          { backup: name, backupsAlone: true },
        ),
      );
    });
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
