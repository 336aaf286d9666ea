import { type BackupKind, userName } from '../core/names.ts';
import type { LeftOut } from '../core/privacy/left-out.ts';
import { NotAsBefore } from '../core/slices.ts';
import { forgetFailure } from '../local/attempt.ts';
import { withLock } from '../local/lock.ts';
import type { PassedOver } from '../local/passed-over.ts';
import type { ReadableStore } from '../stores/store.ts';
import type { FilesSaid } from './files-beside.ts';
import type { AllowShrink } from './guard.ts';
import { noteFailedAttempt } from './note-attempt.ts';
import type { OnProgress, Project } from './project.ts';
import { saveOnce } from './save-once.ts';
import type { Asked } from './saving.ts';
import type { Suspect, SuspectDefinition } from './secrets.ts';
import { forgetReading } from './since-before.ts';

export interface BackupOptions {
  /** A name of the user's own; without one the time and the content make it. */
  readonly name?: string;
  /** A `conflict` is what was refused, and is kept all the same: nothing is asked of it, and it takes no other's place. */
  readonly kind?: BackupKind;
  readonly trigger: string;
  /** Writes even where rows were lost, in these tables or in all; in all, also where a restore failed. */
  readonly allowShrink?: AllowShrink;
  /** Writes also what was made for development, or looks so: it is the data from now on. */
  readonly evenFakes?: boolean;
  /** Says what would be written, and writes nothing. */
  readonly dryRun?: boolean;
  /** Branches that are not the default one leave the pointer alone, so that they merge. */
  readonly leavePointer?: boolean;
  /** Where backups are that this one is compared with if the store has none yet. */
  readonly elsewhere?: ReadableStore;
  readonly onProgress?: OnProgress;
}

export interface BackupResult extends LeftOut {
  readonly status: 'created' | 'unchanged';
  readonly name: string;
  readonly date: string;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly bytesWritten: number;
  /** What was saved beside the rows, where the project names folders. */
  readonly files?: FilesSaid;
  /** Rows that point to rows that are left out, in sentences. */
  readonly dangling?: readonly string[];
  /** Columns of tables that no backup had yet whose values look private, and that nobody said anything about. */
  readonly suspects?: readonly Suspect[];
  /** Definitions that no backup had yet in which something looks like a secret. */
  readonly suspectDefinitions?: readonly SuspectDefinition[];
  /** Columns that are left out from now on, and stand in older backups. */
  readonly stillInOlder?: readonly string[];
  /** Folders that are to be saved beside the rows and are not there: new ones, or misspelt. */
  readonly foldersMissing?: readonly string[];
  /** The newest backup before, where the database never had what is in it. */
  readonly passedOver?: PassedOver;
  /** There was a hold, from a restore that failed, and it is no more. */
  readonly holdLifted?: true;
  /** The database says all the same that it was made for development, because whoever asked may not change that. */
  readonly markStays?: true;
}

/**
 * Writes a backup if anything changed: parts, then manifest, then pointer, each on the disk before the next. Throws
 * ANOTHER_DATABASE where the backups there are of another, HELD where a restore failed before, BACKUP_EMPTY or BACKUP_SHRUNK where rows were lost, NAME_TAKEN, BUSY, and what engine and store throw; whatever it
 * throws, the backups there are stay as they are.
 */
export async function backup(project: Project, options: BackupOptions): Promise<BackupResult> {
  if (options.dryRun) return save(project, options);
  try {
    const result = await save(project, options);
    if (options.kind !== 'conflict') forgetFailure(project.local, project.database.id);
    return result;
  } catch (error) {
    noteFailedAttempt(project, options.trigger, error);
    throw error;
  }
}

async function save(project: Project, options: BackupOptions): Promise<BackupResult> {
  const wanted = options.name === undefined ? undefined : userName(options.name);
  const { local, store, wait } = project;
  return withLock(local, store.id, wait, () =>
    options.dryRun
      ? saveTo({ into: undefined, project, options, wanted })
      : store.batch((into) => saveTo({ into, project: { ...project, store: into }, options, wanted })),
  );
}

/**
 * What is known of the reading before must never keep a backup from being made: where something does not fit together, it is forgotten, and
 * everything is read.
 */
async function saveTo(asked: Asked): Promise<BackupResult> {
  try {
    return await saveOnce(asked);
  } catch (error) {
    if (!(error instanceof NotAsBefore)) throw error;
    forgetReading(asked.project);
    return saveOnce(asked);
  }
}
