import type { BootConfig } from '../core/config.ts';
import type { Host } from '../core/host.ts';
import type { Identity } from '../core/identity.ts';
import type { Privacy } from '../core/privacy/select.ts';
import type { Retention } from '../core/retention.ts';
import type { Encryption } from '../crypto/encryption.ts';
import type { Database } from '../engines/engine.ts';
import type { Scan } from '../folders/scan.ts';
import type { WantedFiles } from '../folders/wanted.ts';
import type { Repository } from '../git/repository.ts';
import type { LocalFolder, Remote, WritableStore } from '../stores/store.ts';

/** What bringing the newest backup to another store came to. `there`: it had it already. */
export interface Copied {
  readonly status: 'copied' | 'there';
  readonly name: string;
  readonly rows: number;
  /** It was handed over, and nobody knows whether it is there. */
  readonly isHandedOver?: true;
}

/** A mailbox is not to have it yet. */
export interface NotDue {
  readonly status: 'later';
  readonly name: string;
  readonly rows: number;
  readonly at: Date;
}

/** How a start of the app brings the data back. */
export type Boot = Pick<BootConfig, 'from' | 'onCorrupt' | 'onFailure'>;

/** All that an operation works on and with. Entrances put it together; operations never look around by themselves. */
export interface Project {
  readonly database: Database;
  /** Which of the project's databases this is: backups that are of another are neither restored into it nor added to. */
  readonly identity: Identity;
  /** Whose the store is, where the configuration says it; another database is not even the first in it. */
  readonly folderOf?: Identity;
  /** The `.overwinter/` folder. */
  readonly local: string;
  readonly store: WritableStore;
  /** What the store is called, where it is another place than the project's own folder. */
  readonly elsewhere?: string;
  /** Folders whose files are saved with the rows. */
  readonly files?: WantedFiles;
  /** Told what lies in these, whenever it is saved. */
  readonly onFiles?: (scan: Scan) => void;
  readonly now: () => Date;
  readonly environment: string;
  readonly host?: string;
  /** What this runs on, where that is known, and whether it forgets the backups written here: not those that reach another place, as files do not. */
  readonly runsOn?: Pick<Host, 'name'> & { readonly forgets: boolean; readonly losesFiles?: boolean };
  readonly boot?: Boot;
  /** Places that get every backup besides the store, and that a start may take one from, in order. */
  readonly remotes?: readonly Remote[];
  /** Without it, backups are plain, and encrypted ones stay shut. */
  readonly encryption?: Encryption;
  /** The repository the backups are in; undefined where they are in none. Throws where git cannot be asked. */
  readonly repository?: () => Promise<Repository | undefined>;
  /** The commit the code is at, where there is one; git may still have to say it. */
  readonly commit?: string | Promise<string | undefined>;
  /** What backups leave out. Default: the columns that look like credentials. */
  readonly privacy?: Privacy;
  /** Whether backups may go where everybody can read them. Default: not where that is known. */
  readonly publicRemote?: 'allow' | 'refuse';
  readonly maxShrink: number;
  /** Whether any rows of a table may go. Default: its name tells. */
  readonly mayShrink?: (table: string) => boolean;
  readonly retention: Retention;
  readonly keepSnapshots: number;
  /** Tables whose rows do not make a database one that holds data: lookup tables, for instance. */
  readonly ignoreTables: readonly string[];
  /** How long to wait for another process, in milliseconds. */
  readonly wait: number;
  /** Told when something comes into the database's place, or is about to: until then nothing there is another. */
  readonly onEnding?: () => void;
  /** How long a start waits for the answer of another place, in milliseconds; for the first, which matters most, four times as long. Default: 20 s. */
  readonly patience?: number;
}

/** A project as it lies on this machine: git stages from its folder of backups, and people look into it. */
export interface LocalProject extends Project {
  readonly store: LocalFolder;
}

/** What is counted is rows, and bytes where it is copied. */
export type Phase = 'saving' | 'restoring' | 'checking' | 'comparing' | 'copying';

/** Called again and again while rows are worked on, and not any more once something is put in its place. What it throws stops the work. */
export type OnProgress = (phase: Phase, done: number, total: number) => void;

export const silent: OnProgress = () => {};
