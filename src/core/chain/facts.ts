import type { Hint } from '../hint.ts';

/** What is known of the way of the data from the database to a start of the app on another machine. Gathered elsewhere. */
export interface ChainFacts {
  readonly now: Date;
  readonly database: DatabaseFacts;
  readonly store: StoreFacts;
  /** A restore failed, and no backup is written since; or it made data for development, and none is meant to be. */
  readonly hold: (Trouble & { readonly isMeant?: true }) | undefined;
  readonly attempt: FailedTry | undefined;
  readonly git: GitFacts;
  /** Other places that are to have every backup. */
  readonly copies: readonly CopyFacts[];
  readonly host: { readonly name: string; readonly forgets: boolean } | undefined;
  readonly boot: BootFacts;
}

/** What is wrong, in a sentence, and what to do about it. */
export interface Trouble {
  readonly text: string;
  readonly hint?: Hint;
}

export interface FailedTry extends Trouble {
  readonly time: string;
  readonly trigger: string;
  /** A guard's word, not a fault. */
  readonly refused: boolean;
}

export type DatabaseFacts =
  | { readonly kind: 'unreadable'; readonly trouble: Trouble }
  /** `why` is a sentence's end: 'the database is missing'. */
  | { readonly kind: 'empty'; readonly why: string; readonly cannotBeSaved: Trouble | undefined }
  | { readonly kind: 'rows'; readonly rows: number; readonly cannotBeSaved: Trouble | undefined };

export interface Known {
  readonly name: string;
  readonly date: string;
}

export interface StoreFacts {
  /** It cannot even be looked at. */
  readonly trouble: Trouble | undefined;
  readonly newest: NewestFacts | undefined;
  /** Why the next backup cannot be written here. */
  readonly notWritable?: Trouble | undefined;
  /** There is none because the last commit's are not in the work tree. */
  readonly notCheckedOut?: Trouble | undefined;
  /** Why other backups cannot be read. */
  readonly unreadable: readonly string[];
  /** What is wrong with the pointer, as a sentence. */
  readonly pointer: string | undefined;
  /** Backups that say they were made later than now. */
  readonly fromTheFuture: readonly string[];
  /** One after which another became the newest that does not go on from it. */
  readonly passedOver?: { readonly name: string; readonly since?: string } | undefined;
  /** Backups that are kept aside, newest first, without those whose data an ordinary newer one has. */
  readonly aside: readonly string[];
}

export interface NewestFacts extends Known {
  readonly rows: number;
  readonly environment: string;
  readonly database: Compared;
  /** How the files beside the rows stand to it; undefined where none are to be saved. */
  readonly beside?: BesideFacts;
  readonly files: FilesFacts;
  readonly drill: { readonly date: string; readonly ok: boolean; readonly problem?: string } | undefined;
}

/** How the database stands to the newest backup. */
export type Compared =
  /** It says the same, for certain. */
  | { readonly kind: 'same' }
  /** It comes from another backup, and nobody said that it is meant to go on from there. */
  | { readonly kind: 'behind'; readonly from: Known }
  /** `more` are rows by table that are in no backup: at least so many. */
  | { readonly kind: 'changed'; readonly more: ReadonlyMap<string, number> }
  /** It was written to, or nobody looked yet; to find out takes a backup. */
  | { readonly kind: 'unknown' };

export type BesideFacts =
  /** They cannot be saved as they are. */
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  /** As many in the folders are in no backup, or not as they are now, or are gone; `leftOut` are those that no backup can hold. */
  | { readonly kind: 'compared'; readonly changed: number; readonly gone: number; readonly leftOut: readonly string[] }
  /** Some were written to lately, and to find out takes reading them. */
  | { readonly kind: 'unknown' };

export type FilesFacts =
  /** All are there, and hold what their names promise. */
  | { readonly kind: 'intact' }
  /** All are there, and nobody has read some of them since they were written. */
  | { readonly kind: 'there' }
  | { readonly kind: 'damaged'; readonly what: 'manifest' | 'parts'; readonly trouble: Trouble }
  /** It is encrypted, and no key here opens it. */
  | { readonly kind: 'shut'; readonly trouble: Trouble };

export type GitFacts =
  | { readonly kind: 'none' }
  /** It is about backups in another place, which git has nothing to do with. */
  | { readonly kind: 'elsewhere'; readonly label: string }
  | { readonly kind: 'unknown'; readonly trouble: Trouble }
  | RepositoryFacts;

export interface RepositoryFacts {
  readonly kind: 'repository';
  /** The backups folder, from the top of the work tree. */
  readonly folder: string;
  /** Undefined on a detached HEAD. */
  readonly branch: string | undefined;
  /** Git passes new files in the backups folder over. */
  readonly ignored: boolean;
  /** Whether the last commit has every file of the newest backup. */
  readonly committed: boolean;
  readonly lastCommitted: Known | undefined;
  /** Whether the last commit has anything in the folder, be it readable or not. */
  readonly hasSome: boolean;
  readonly remotes: readonly string[];
  /** What is known here of where this branch is pushed to: `origin/main`. */
  readonly upstream: string | undefined;
  /** A remote's branch that is known to have every file of the newest backup. */
  readonly pushedTo: string | undefined;
  readonly lastPushed: Known | undefined;
}

export interface CopyFacts {
  readonly label: string;
  readonly isNewest: boolean;
  /** It is handed over, now and then: whether it arrives nobody knows, and so it is not what anything rests on. `isDue`: it should have been by now. */
  readonly handedOver?: { readonly isDue: boolean };
  readonly last: Known | undefined;
  /** Of the last try, where it failed; none has worked since. */
  readonly failure: (Trouble & { readonly since: string }) | undefined;
}

export interface BootFacts {
  /** What a start would do now, in words that follow "would". */
  readonly now: string;
  readonly refuses: boolean;
  /** Why nothing can be brought back here, whatever there is to bring back. */
  readonly notWritable?: Trouble | undefined;
  /** What it would do if the database were gone, as far as the folder knows. */
  readonly ifLost:
    | { readonly kind: 'restore'; readonly name: string; readonly environment: string; readonly sameAsNewest: boolean }
    | { readonly kind: 'nothing' }
    | { readonly kind: 'fail'; readonly trouble: Trouble; readonly shut: boolean };
}
