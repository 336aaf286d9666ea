import type { Hint } from '../core/hint.ts';

/** No store reads a larger file, whatever is asked of it. No git host takes one. */
export const LARGEST_FILE = 100 * 1024 * 1024;

/** Somewhere that backups can be. */
export interface Place {
  /** How people call it, for messages; without anything secret. */
  readonly label: string;
  /** Tells it from every other, from wherever it is reached: for locks and for what is remembered of it. */
  readonly id: string;
}

/** The files directly in a store, or all its parts. Nobody asks for any other listing, so no store has to have one. */
export type Shelf = 'top' | 'parts';

/** Files by their path in the store, each with its size in bytes. In no order. */
export type Listing = ReadonlyMap<string, number>;

/** `most`: a larger file is not read at all. `first`: so many bytes from the beginning. */
export type Range = { readonly most: number } | { readonly first: number };

/** The beginning, where only that is wanted. */
export const cut = (bytes: Buffer, range: Range | undefined): Buffer =>
  range !== undefined && 'first' in range ? bytes.subarray(0, range.first) : bytes;

/**
 * A place where backups are kept: files by their path inside it, like `latest_backup.json` or
 * `parts/orders-5d41….jsonl`. Paths were checked by whoever calls.
 */
export interface ReadableStore extends Place {
  /** Every question is a request over a network: few are asked, and files are read many at a time. */
  readonly isCostly?: true;
  /** Empty where the store does not exist yet. Throws where it cannot be asked. */
  list(shelf: Shelf): Promise<Listing>;
  /**
   * Undefined where there is no such file. Throws BACKUP_DAMAGED for what is no plain file (a link, a pipe, a device) and for one
   * of more bytes than `most` (by default `LARGEST_FILE`), of which nothing is read then.
   */
  read(path: string, range?: Range): Promise<Buffer | undefined>;
  /** The same with the backups of one environment alone, where those of each are kept by themselves: so nobody reads through the others'. */
  only?(environment: string): ReadableStore;
}

/** What a store can bear. */
export interface Limits {
  /** In bytes. */
  readonly largestFile: number;
  /** How many files are read or written beside each other. */
  readonly atOnce: number;
  /**
   * A file that is there can be replaced in one step. Where it cannot, nothing is ever written twice, and there is no pointer: the
   * names of backups say which is the newest.
   */
  readonly replaces: boolean;
  /** Half a file may come to lie there for good, where whoever writes it dies: it never was a backup, and it is not one that was damaged. */
  readonly tears?: true;
  /** Each backup brings all its parts: none of another's is there for it. */
  readonly sharesNothing?: true;
}

/** A place that backups can be brought to. */
export interface WritableStore extends ReadableStore {
  readonly limits: Limits;
  /**
   * Lets `work` write; what it wrote is durable when this returns. Where it fails the store may keep parts that nothing names, and
   * no more. Where a store can keep others from writing meanwhile, on whatever machine, it does; one that others were faster to write
   * to runs `work` once more from the beginning, over what they left. Throws what `work` throws, BUSY, NOT_READABLE, DISK_FULL and NOT_WRITABLE.
   */
  batch<T>(work: (batch: Batch) => Promise<T>): Promise<T>;
}

/** A store while it is written to. What is read of it is what was written so far. A batch within it joins it. */
export interface Batch extends WritableStore {
  /** A part, whole or not at all. Nothing names it yet, so it may be lost until something is published. Several may be put at once. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** A file that names parts. It appears in one step and for good, and not before all that was put is durable. */
  publish(path: string, bytes: Uint8Array): Promise<void>;
  /**
   * What names parts goes first and for good, and then the parts. What is not there is gone already. Where others may be about to name
   * them, parts go later, when they are to be removed again; those that stay for now are returned.
   */
  remove(paths: readonly string[]): Promise<readonly string[]>;
}

/** What a file looks like from outside: its size, and a mark that changes when somebody writes to it. */
export interface Outside {
  readonly bytes: number;
  readonly mark: string;
}

/** A store that is a folder of this machine: what git stages from, and what people look into. */
export interface LocalFolder extends WritableStore {
  readonly path: string;
  /** Those of the files that are plain ones. It opens none, so it is cheap. */
  outsides(files: readonly string[]): ReadonlyMap<string, Outside>;
}

export const isLocalFolder = (store: ReadableStore): store is LocalFolder => 'outsides' in store;

/** A backup as one document. */
export interface Parcel {
  readonly name: string;
  readonly date: string;
  readonly rows: number;
  /** Equal where the same was saved. */
  readonly content: string;
  /** What is made is encrypted. */
  readonly isEncrypted: boolean;
  /** Compressed JSON; `lockedKey` is the key of it, behind a passphrase. It takes memory and time, so it is made where it is wanted alone. */
  document(): Promise<{ readonly bytes: Buffer; readonly lockedKey?: string }>;
}

/** `there`: the same was handed over before. `later`: the next is not due yet. */
export type Delivered = { readonly is: 'handed-over' | 'there' } | { readonly is: 'later'; readonly at: Date };

/** A place that a copy can be handed to, and nothing be read from again. */
export interface Mailbox extends Place {
  /** Handed over is not arrived: nobody can ask for it afterwards. Throws STORE_FAILED. */
  deliver(parcel: Parcel): Promise<Delivered>;
}

/** Something that a place cannot do, or should not. */
export interface Shortcoming {
  /** Backups would not get there, or not stay there, or not stay private. */
  readonly isFailure: boolean;
  readonly text: string;
  readonly hint: Hint;
}

/**
 * A place beside the folder, as somebody named it: it gets every backup, and a start may take one from it. Nothing is asked of it
 * before it is opened.
 */
export interface Remote extends Place {
  /** As it was named: nothing secret may stand in it. */
  readonly address: string;
  /** Sees the place as it is when it is first asked; a batch sees it as it is then. */
  open(signal?: AbortSignal): WritableStore | Mailbox;
  /** It ends by itself whatever does not go on, however long all may take: nobody who hears nothing of it need think that it is stuck. */
  readonly isBounded?: true;
  /** Of a mailbox: the shortest time from one backup to the next, in milliseconds. */
  readonly sentEvery?: number;
  /** What people call it, where it is known that everybody may read it. */
  publicAs?(): Promise<string | undefined>;
  /** Tries each thing that is needed of it, and leaves nothing behind. Throws what stands in the way of all. Without it, a look must do. */
  tryOut?(signal?: AbortSignal): Promise<readonly Shortcoming[]>;
}

/** Whether a file in it may say which backup is the newest: where nothing is written twice, their names do. */
export const keepsPointer = (store: ReadableStore | WritableStore): boolean =>
  !('limits' in store) || store.limits.replaces;

export const isReadable = (opened: WritableStore | Mailbox): opened is WritableStore => 'batch' in opened;
