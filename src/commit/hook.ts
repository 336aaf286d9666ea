import { blobId } from '../core/digest.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import { git, hint, hintText, overwinter } from '../core/hint.ts';
import { idOfPart } from '../core/names.ts';
import { publicName } from '../core/public-remote.ts';
import { count } from '../core/words.ts';
import { type BranchAndDefault, branchAndDefault } from '../git/branches.ts';
import { headCommit, indexedBlobs } from '../git/questions.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { leftStaged, rememberStaged, resync, type StagedFile, stage } from '../git/staging.ts';
import { knownVisibility, remembersReaders } from '../local/readers.ts';
import { backup } from '../operations/backup.ts';
import { readCatalog } from '../operations/catalog.ts';
import { noteFailedAttempt } from '../operations/note-attempt.ts';
import { passedOverInWords } from '../operations/passed-over.ts';
import type { LocalProject } from '../operations/project.ts';
import { mustNotBePublic } from '../operations/public-remote.ts';
import { fileNotes, filesLine } from '../project/files-words.ts';
import { type Named, namedCommands, withNamedCommands } from '../project/named-commands.ts';
import { leftOutLine, privacyNotes } from '../project/privacy-words.ts';
import { filesOfBackup, superseded } from './contribution.ts';
import { heal } from './heal.ts';
import { type Called, isInUse, type Place, type Skipped, skipped, whereToSave } from './where-to-save.ts';

export interface HookOptions extends Called {
  /** What names the project's own in the command that helps. */
  readonly named?: Pick<Named, 'dir' | 'configFile' | 'root'>;
  /** Hears what came of each database, in their order, also where a failure then stops the commit. */
  readonly onResults?: (results: readonly HookResult[], repository: Repository | undefined) => void;
  /** Lets a failure stop the commit: it is thrown instead of told. */
  readonly strict?: boolean;
}

export type HookResult =
  | { readonly status: 'saved' | 'unchanged'; readonly name: string; readonly rows: number }
  | Skipped
  | { readonly status: 'failed'; readonly error: unknown };

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
      if (found.isEmpty) return savedForLater(project, { ...found, head, known }, options);
      left ??= leftStaged(found.repository, await head);
      const { result, contribution } = await contributionOf(project, { ...found, head, known }, await left, options);
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

/**
 * Saves a database where nothing is staged: what we staged would make a commit of a mistake, of `git commit` without `git add`, as soon as
 * it is tried again. Nothing is said where the last commit has it all.
 */
async function savedForLater(project: LocalProject, where: Where, options: HookOptions): Promise<HookResult> {
  const { folder } = where;
  const { saved, onMain, listing } = await save(project, where, options);
  const indexed = await listing;
  const added = await notIndexed(
    project.store,
    await filesOfBackup(project.store, saved.name, onMain),
    indexed,
    folder,
  );
  if (added.length > 0) {
    const what = saved.status === 'created' ? `${saved.rows} rows saved as ${saved.name}` : `${saved.name} is here`;
    const add = hintText(hint`${git('add', folder === '' ? '.' : folder)}`);
    options.log(`overwinter: ${what}, and no commit carries it yet, because nothing is staged: ${add} stages it.`);
  }
  return skipped('nothing is staged');
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

/** What is the same for all databases of a commit. */
interface Where extends Place {
  readonly head: Promise<string | undefined>;
  readonly known: Promise<BranchAndDefault>;
}

/** What a commit is to get of one database. Paths are from the top. */
interface Contribution {
  readonly repository: Repository;
  readonly store: LocalProject['store'];
  /** The backup that the commit carries. */
  readonly name: string;
  readonly add: readonly StagedFile[];
  readonly remove: readonly string[];
  /** The same to be removed, in the store. */
  readonly gone: readonly string[];
  /** What goes again if the commit never happens. */
  readonly ours: readonly string[];
}

async function contributionOf(
  project: LocalProject,
  where: Where,
  leftOfAll: readonly string[],
  options: HookOptions,
): Promise<{ readonly result: HookResult; readonly contribution: Contribution }> {
  const { store } = project;
  const { repository, folder } = where;
  const { log } = options;
  const inFolder = (file: string) => pathIn(folder, file);
  const left = leftOfAll.filter((path) => path.startsWith(inFolder('')));
  const { saved, onMain, healed, listing } = await save(project, where, options);
  const files = [...(await filesOfBackup(store, saved.name, onMain)), ...healed];
  const gone =
    saved.status === 'created'
      ? await superseded(
          store,
          left.map((path) => path.slice(inFolder('').length)),
          saved.name,
        )
      : [];
  const add = await notIndexed(store, files, await listing, folder);
  if (saved.status === 'created') {
    const without = leftOutLine(saved);
    log(
      `overwinter: ${count(saved.rows, 'row')}${filesLine(saved)} saved as ${saved.name}.${without === undefined ? '' : ` ${without}`}`,
    );
    for (const note of [...privacyNotes(saved, project.privacy).map(hintText), ...fileNotes(saved)])
      log(`overwinter: ${note}`);
  }
  return {
    result: { status: saved.status === 'created' ? 'saved' : 'unchanged', name: saved.name, rows: saved.rows },
    // A backup that somebody else wrote is theirs to throw away, even if this commit never happens.
    contribution: {
      repository,
      store,
      name: saved.name,
      add,
      remove: gone.map(inFolder),
      gone,
      ours: saved.status === 'created' ? add.map(({ path }) => path) : [],
    },
  };
}

/** Something that is waited for later, and may fail before. */
function heeded<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

const pathIn = (folder: string, file: string) => (folder === '' ? file : `${folder}/${file}`);

async function save(project: LocalProject, { repository, folder, head, known }: Where, { log }: HookOptions) {
  const { store } = project;
  if (remembersReaders(project.local)) {
    const origin = await repository.askMaybe('config', 'remote.origin.url');
    mustNotBePublic(project, publicName(origin, knownVisibility(project.local, origin)));
  }
  const { healed } = await heal(repository, store, { among: 'newest' });
  const { branch, main } = await known;
  const onMain = branch !== undefined && branch === main;
  // Elsewhere only files are added: two branches that both move the pointer could not be merged.
  const at = { ...project, commit: head };
  // What is in the index stays as it is while the rows are read.
  const listing = heeded(indexedBlobs(repository, folder));
  const saved = await backup(at, { trigger: 'pre-commit', leavePointer: !onMain }).catch((error: unknown) =>
    savedByTheApp(project, error, log),
  );
  const passed = 'passedOver' in saved ? saved.passedOver : undefined;
  const about = passed && (await passedOverInWords(project, passed, saved.name));
  if (about !== undefined) log(`overwinter: ${hintText(about)}`);
  return { saved, onMain, healed, listing };
}

/** Of these files of the store, those that are not in the index as they are. */
async function notIndexed(
  store: LocalProject['store'],
  files: readonly string[],
  indexed: ReadonlyMap<string, string>,
  folder: string,
): Promise<StagedFile[]> {
  const add: StagedFile[] = [];
  for (const file of files) {
    const path = pathIn(folder, file);
    const id = idOfPart(file) ?? blobId((await store.read(file)) ?? Buffer.alloc(0));
    if (indexed.get(path) !== id) add.push({ path, id });
  }
  return add;
}

/** Where an app lets nobody else read, and saves its data itself, the commit carries what it saved last. Throws the error otherwise. */
async function savedByTheApp(
  { store, database }: LocalProject,
  error: unknown,
  log: HookOptions['log'],
): Promise<{ readonly status: 'unchanged'; readonly name: string; readonly rows: number }> {
  const newest = isInUse(error) ? (await readCatalog(store)).entries[0] : undefined;
  if (newest?.metadata.origin.trigger !== 'keep') throw error;
  log(
    `overwinter: ${database.label} is in use; the commit carries what the app saved last, ${newest.name}, of ${newest.metadata.backup_date}.`,
  );
  return { status: 'unchanged', name: newest.name, rows: newest.metadata.rows };
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
