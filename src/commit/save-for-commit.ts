import { blobId } from '../core/digest.ts';
import { git, hint, hintText } from '../core/hint.ts';
import { idOfPart } from '../core/names.ts';
import { publicName } from '../core/public-remote.ts';
import { count } from '../core/words.ts';
import type { BranchAndDefault } from '../git/branches.ts';
import { indexedBlobs } from '../git/questions.ts';
import type { Repository } from '../git/repository.ts';
import type { StagedFile } from '../git/staging.ts';
import { knownVisibility, remembersReaders } from '../local/readers.ts';
import { backup } from '../operations/backup.ts';
import { readCatalog } from '../operations/catalog.ts';
import { passedOverInWords } from '../operations/passed-over.ts';
import type { LocalProject } from '../operations/project.ts';
import { mustNotBePublic } from '../operations/public-remote.ts';
import { fileNotes, filesLine } from '../project/files-words.ts';
import { leftOutLine, privacyNotes } from '../project/privacy-words.ts';
import { filesOfBackup, superseded } from './contribution.ts';
import { heal } from './heal.ts';
import { heeded } from './heeded.ts';
import { type Called, isInUse, type Place, type Skipped, skipped } from './where-to-save.ts';

/** What came of one database. */
export interface Saved {
  readonly status: 'saved' | 'unchanged';
  readonly name: string;
  readonly rows: number;
}

type Log = Called['log'];

/** What is the same for all databases of a commit. */
interface Where extends Place {
  readonly head: Promise<string | undefined>;
  readonly known: Promise<BranchAndDefault>;
}

/** What a commit is to get of one database. Paths are from the top. */
export interface Contribution {
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

export async function contributionOf(
  project: LocalProject,
  where: Where,
  leftOfAll: readonly string[],
  log: Log,
): Promise<{ readonly result: Saved; readonly contribution: Contribution }> {
  const { store } = project;
  const { repository, folder } = where;
  const inFolder = (file: string) => pathIn(folder, file);
  const left = leftOfAll.filter((path) => path.startsWith(inFolder('')));
  const { saved, onMain, healed, listing } = await save(project, where, log);
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

/**
 * Saves a database where nothing is staged: what we staged would make a commit of a mistake, of `git commit` without `git add`, as soon as
 * it is tried again. Nothing is said where the last commit has it all.
 */
export async function savedForLater(project: LocalProject, where: Where, log: Log): Promise<Skipped> {
  const { folder } = where;
  const { saved, onMain, listing } = await save(project, where, log);
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
    log(`overwinter: ${what}, and no commit carries it yet, because nothing is staged: ${add} stages it.`);
  }
  return skipped('nothing is staged');
}

const pathIn = (folder: string, file: string) => (folder === '' ? file : `${folder}/${file}`);

async function save(project: LocalProject, { repository, folder, head, known }: Where, log: Log) {
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
  log: Log,
): Promise<Saved & { readonly status: 'unchanged' }> {
  const newest = isInUse(error) ? (await readCatalog(store)).entries[0] : undefined;
  if (newest?.metadata.origin.trigger !== 'keep') throw error;
  log(
    `overwinter: ${database.label} is in use; the commit carries what the app saved last, ${newest.name}, of ${newest.metadata.backup_date}.`,
  );
  return { status: 'unchanged', name: newest.name, rows: newest.metadata.rows };
}
