import { OverwinterError, reasonOf } from '../core/errors.ts';
import { hint, hintText, overwinter } from '../core/hint.ts';
import { type BranchAndDefault, branchAndDefault } from '../git/branches.ts';
import { headCommit } from '../git/questions.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { leftStaged, rememberStaged, resync, stage } from '../git/staging.ts';
import { noteFailedAttempt } from '../operations/note-attempt.ts';
import type { LocalProject } from '../operations/project.ts';
import { type Named, namedCommands, withNamedCommands } from '../project/named-commands.ts';
import { superseded } from './contribution.ts';
import { heeded } from './heeded.ts';
import { type Contribution, contributionOf, type Saved, savedForLater } from './save-for-commit.ts';
import { type Called, type Skipped, skipped, whereToSave } from './where-to-save.ts';

export interface HookOptions extends Called {
  /** What names the project's own in the command that helps. */
  readonly named?: Pick<Named, 'dir' | 'configFile' | 'root'>;
  /** Hears what came of each database, in their order, also where a failure then stops the commit. */
  readonly onResults?: (results: readonly HookResult[], repository: Repository | undefined) => void;
  /** Lets a failure stop the commit: it is thrown instead of told. */
  readonly strict?: boolean;
}

export type HookResult = Saved | Skipped | { readonly status: 'failed'; readonly error: unknown };

/**
 * Saves the databases into the commit that is being made: each by itself, so that one that fails stops none of the others, and all in
 * one change of the index. The commit is the user's: a failure is one line that names the command which helps, and never stops it,
 * unless asked to be strict.
 */
export async function preCommit(projects: readonly LocalProject[], options: HookOptions): Promise<HookResult[]> {
  const contributions: Contribution[] = [];
  let asked: Promise<BranchAndDefault> | undefined;
  const branches = (repository: Repository) => {
    asked ??= heeded(branchAndDefault(repository));
    return asked;
  };
  let head: Promise<string | undefined> | undefined;
  let left: Promise<string[]> | undefined;
  const results: HookResult[] = [];
  for (const project of projects) {
    const save = async () => {
      const found = await whereToSave(project, options, branches);
      if ('status' in found) return found;
      // Asked once: what is staged for one database is not what an aborted commit left of another's.
      const known = branches(found.repository);
      head ??= known.then(({ commit }) => commit ?? headCommit(found.repository));
      if (found.isEmpty) return savedForLater(project, { ...found, head, known }, options.log);
      left ??= leftStaged(found.repository, await head);
      const { result, contribution } = await contributionOf(
        project,
        { ...found, head, known },
        await left,
        options.log,
      );
      contributions.push(contribution);
      return result;
    };
    const result = await attempt(save);
    if (result.status === 'failed') noteFailedAttempt(project, 'pre-commit', result.error);
    results.push(about(project, projects.length > 1, options, result));
  }
  const staged = await attempt(async () => {
    await stageAll(contributions, (await left) ?? [], await head);
    return skipped('it was staged');
  });
  if (staged.status === 'failed')
    for (const project of projects) noteFailedAttempt(project, 'pre-commit', staged.error);
  options.onResults?.(staged.status === 'failed' ? projects.map(() => staged) : results, contributions[0]?.repository);
  return told(staged.status === 'failed' ? results.map(() => staged).slice(0, 1) : results, options);
}

/** The command that helps, as it is called here; among several databases it names the one that it is about. */
function about(
  { identity, store }: LocalProject,
  isOneOfSeveral: boolean,
  { cwd, named }: HookOptions,
  result: HookResult,
): HookResult {
  if (result.status !== 'failed') return result;
  const name = namedCommands({ ...named, db: isOneOfSeveral ? identity.name : undefined, cwd, folder: store.path });
  return { status: 'failed', error: withNamedCommands(result.error, name) };
}

/** After the commit: tidies what `git commit -- path` could not. It can be left out; most commits need nothing. */
export async function postCommit(options: Omit<HookOptions, 'strict'>): Promise<HookResult> {
  const result = await attempt(async () => {
    const repository = await openRepository(options.cwd, options.env);
    if (repository === undefined) return skipped('this is no repository');
    await resync(repository);
    return skipped('there is nothing to save after a commit');
  });
  told([result], options, "'git status' may show the backup's files as changed");
  return result;
}

async function stageAll(
  contributions: readonly Contribution[],
  left: readonly string[],
  head: string | undefined,
): Promise<void> {
  const [first] = contributions;
  if (first === undefined) return;
  const all = (of: 'remove' | 'ours') => contributions.flatMap((each) => each[of]);
  const remove = all('remove');
  await stage(first.repository, { add: contributions.flatMap(({ add }) => add), remove });
  // Somebody else may have named one of the parts since.
  for (const { store, name, gone } of contributions.filter((each) => each.gone.length > 0))
    await store.batch(async (from) => from.remove(await superseded(from, gone, name)));
  await rememberStaged(first.repository, head, [...left.filter((path) => !remove.includes(path)), ...all('ours')]);
}

async function attempt(work: () => Promise<HookResult>): Promise<HookResult> {
  try {
    return await work();
  } catch (error) {
    return { status: 'failed', error };
  }
}

/** Says what failed, a line each; where the project is strict, the first is thrown instead. */
function told(
  results: readonly HookResult[],
  { log, strict }: Pick<HookOptions, 'log' | 'strict'>,
  consequence = 'the commit goes on without a backup',
): HookResult[] {
  const errors = results.flatMap((result) => (result.status === 'failed' ? [result.error] : []));
  for (const error of strict ? errors.slice(1) : errors) {
    const next =
      error instanceof OverwinterError ? error.hint : hintText(hint`${overwinter('status')} says how things stand.`);
    log(`overwinter: ${reasonOf(error).replaceAll('\n', ' ')} (${consequence}) ${next}`);
  }
  if (strict && errors.length > 0) throw errors[0];
  return [...results];
}
