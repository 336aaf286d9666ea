import type { Memory } from '../core/table-memory.ts';
import type { Hold } from '../local/hold.ts';
import type { Batch } from '../stores/store.ts';
import type { BackupOptions } from './backup.ts';
import type { Collected } from './collect.ts';
import type { FilesBeside } from './files-beside.ts';
import type { ValueWatch } from './filled-again.ts';
import type { Before, Read } from './loss.ts';
import type { Project } from './project.ts';
import type { Sealing } from './seal.ts';
import type { Known } from './since-before.ts';
import type { Unsealed } from './unseal.ts';
import type { PartSink } from './write-parts.ts';

/** A backup that is asked for. Without a batch, nothing is written. */
export interface Asked {
  readonly into: Batch | undefined;
  readonly project: Project;
  readonly options: BackupOptions;
  /** The user's own name for it. */
  readonly wanted: string | undefined;
}

/** What is known before the database is read. */
export interface Begun extends Asked {
  /** One that stands, and that the options allow. */
  readonly hold: Hold | undefined;
  readonly before: Before;
  readonly sealing: Sealing | undefined;
  /** The database's fingerprint: what is written later is not in the backup. */
  readonly stamp: string | undefined;
  /** What need not be read again. */
  readonly noted: Known | undefined;
}

/** What is read, and may be saved as it is. */
export interface Judgement {
  readonly read: Read;
  readonly beside: FilesBeside | undefined;
  /** The newest backup, where it can be opened here. */
  readonly contents: Unsealed | undefined;
  readonly values: ValueWatch;
  /** What is to be remembered of tables and folders. */
  memory(date: Date, empty: ReadonlyMap<string, readonly string[]>): Memory;
}

/** What is in the parts, which are where they belong by now. */
export interface Taken extends Judgement {
  readonly collected: Collected;
  readonly sink: PartSink;
}

/** What was refused and is kept all the same is compared with nothing, and so remembers nothing. */
export const isAside = ({ kind }: BackupOptions) => kind === 'conflict';
