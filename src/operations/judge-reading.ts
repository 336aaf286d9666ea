import { type Memory, NO_MEMORY } from '../core/table-memory.ts';
import type { BackupOptions } from './backup.ts';
import { mustNotLookMadeUp } from './development/looks-made-up.ts';
import { filesBeside } from './files-beside.ts';
import { watchForValues } from './filled-again.ts';
import { type Judged, mustLoseNothing } from './guard.ts';
import { type Before, contentsOf, lookBack, type Read } from './loss.ts';
import type { Project } from './project.ts';
import { mustBeRestorable } from './restorable.ts';
import { type Begun, isAside, type Judgement } from './saving.ts';

/** Throws where what is read must not be saved: it lost rows or files, is made up, or could not be restored. */
export async function judgeReading({ project, options, before }: Begun, read: Read): Promise<Judgement> {
  if (options.evenFakes !== true && !isAside(options)) await mustNotLookMadeUp(project, read);
  const beside = filesBeside(project);
  const allow = options.allowShrink ?? false;
  const judged = isAside(options)
    ? UNJUDGED
    : await mustLoseNothing(project, read, await comparedWith(project, before, options), allow);
  const contents = await contentsOf(project, project.store, before.newest);
  const meant = isAside(options) ? [] : (beside?.judge(before, contents, allow) ?? []);
  await mustBeRestorable(read, project.database.label, contents?.manifest.schema);
  return {
    read,
    beside,
    contents,
    values: watchForValues(judged.columns),
    memory: (date, empty) => withMeant(judged.memory(date, empty), meant, date),
  };
}

const UNJUDGED: Judged = {
  memory: () => NO_MEMORY,
  columns: { empty: new Map(), believed: new Map(), nulled: [] },
};

/** Folders of which files were meant to go are remembered as tables are. */
const withMeant = (memory: Memory, folders: readonly string[], date: Date): Memory =>
  new Map([...memory, ...folders.map((name) => [name, { ...memory.get(name), meant: date.toISOString() }] as const)]);

async function comparedWith(project: Project, before: Before, { elsewhere }: BackupOptions): Promise<Before> {
  return elsewhere === undefined || before.newest !== undefined || before.rows > 0
    ? before
    : lookBack({ ...project, store: elsewhere });
}
