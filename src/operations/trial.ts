import type { Database, Standing } from '../engines/engine.ts';
import { withScratch } from '../local/scratch.ts';
import type { ReadableStore } from '../stores/store.ts';
import type { Opened } from './catalog.ts';
import { settleMark } from './development/mark.ts';
import { type Diff, diffDatabases } from './diff.ts';
import { planFiles, saidOfPlan } from './place-files.ts';
import { type OnProgress, type Project, silent } from './project.ts';
import { type Placing, stageBackup } from './put-in-place.ts';
import {
  mayReplaceWith,
  mustBeForHere,
  mustBeFree,
  type RestoreOptions,
  type RestoreResult,
  whereTo,
  withChosen,
} from './restore.ts';
import { selecting } from './secrets.ts';
import type { Unsealed } from './unseal.ts';

/** What putting a backup in place would do: a comparison, or why there is nothing to compare with; and what it would pass over. */
export type Trial = Pick<RestoreResult, 'warnings' | 'leftOut' | 'files' | 'made'> &
  (
    | {
        readonly kind: 'diff';
        readonly diff: Diff /** Whether rows are there that could go. */;
        readonly hasRows: boolean;
      }
    | {
        readonly kind: 'nothing-there' | 'unreadable';
        readonly tables: number;
        readonly rows: number;
        readonly rowsOf: Readonly<Record<string, number>>;
      }
  );

/** Which rows a restore would bring, change and take away; nothing is done. Throws what `restore` throws. */
export async function tryRestore(
  project: Project,
  options: RestoreOptions,
): Promise<Trial & Pick<RestoreResult, 'name' | 'db'>> {
  const { onProgress = silent } = options;
  await mustBeFree(options);
  if (options.making !== undefined) await settleMark(project);
  if (options.to === undefined) await mustBeForHere(project, options);
  const database = whereTo(project, options);
  return withChosen(project, options, database, async (opened, store) => {
    const { making } = options;
    const tried = {
      opened,
      store,
      database,
      how: 'replace',
      mayReplace: mayReplaceWith(project, opened, store, options),
      rowsToShow: 0,
      onProgress,
      ...(making && { making }),
    } as const;
    return { name: opened.name, db: database.label, ...(await tryBackup(project, tried)) };
  });
}

interface Tried extends Omit<Placing, 'onProgress' | 'mark'> {
  readonly opened: Opened;
  readonly store: ReadableStore;
  readonly database: Database;
  readonly rowsToShow: number;
  readonly onProgress?: OnProgress;
}

/**
 * Does all that putting a backup in place does, but aside, and compares what came of it with the database: so nothing that would fail
 * later succeeds here. Throws what `restore` throws.
 */
export async function tryBackup(
  project: Project,
  { opened, store, database, rowsToShow, onProgress = silent, ...placing }: Tried,
): Promise<Trial> {
  return withScratch(project.local, 'trial', async (folder) => {
    const made = await stageBackup(project, opened, store, database, { ...placing, onProgress }, folder);
    const { staged, before, rows, warnings, leftOut } = made;
    try {
      const files = placing.making === undefined ? await tryFiles(project, database, made.contents, before) : undefined;
      const told = {
        warnings,
        leftOut,
        ...(made.made && { made: made.made }),
        ...(files === undefined ? {} : { files }),
      };
      if (before === 'data' || before === 'empty-tables') {
        const diff = await diffDatabases(project, staged, folder, rowsToShow, onProgress);
        return { kind: 'diff', diff, hasRows: before === 'data', ...told };
      }
      const kind = before === 'nothing' ? 'nothing-there' : 'unreadable';
      const rowsOf = Object.fromEntries(await countsOf(project, staged, folder));
      return { kind, tables: opened.manifest.metadata.tables, rows, rowsOf, ...told };
    } finally {
      await staged.discard();
    }
  });
}

/** What would become of the files: nothing is replaced that no snapshot could keep, and there is none of nothing. */
async function tryFiles(project: Project, database: Database, { manifest, store }: Unsealed, before: Standing) {
  if (database !== project.database || manifest.files === undefined || project.files === undefined) return undefined;
  const plan = await planFiles(project.files, manifest.files, store, project.now());
  return saidOfPlan(plan, before === 'data' || before === 'empty-tables');
}

async function countsOf(project: Project, staged: Pick<Database, 'read'>, folder: string): Promise<[string, number][]> {
  const reading = await staged.read(folder, selecting(project));
  try {
    return reading.tables
      .filter(({ name }) => !project.database.codec.isInternal(name))
      .map(({ name, rows }): [string, number] => [name, rows]);
  } finally {
    await reading.close();
  }
}
