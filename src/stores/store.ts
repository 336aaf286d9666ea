/** No store reads a larger file, whatever is asked of it. No git host takes one. */
export const LARGEST_FILE = 100 * 1024 * 1024;

/**
 * A place where backups are kept: files by their path inside it, like `latest_backup.json` or
 * `parts/orders/5d/….jsonl`. Paths were checked by whoever calls.
 */
export interface ReadableStore {
  /** How people call it, for messages. */
  readonly label: string;
  /** The names of the files directly in it, in no order; empty where the store does not exist yet. */
  files(): Promise<string[]>;
  /**
   * Undefined where there is no such file. Throws BACKUP_DAMAGED for what is no plain file (a link, a pipe, a device) and for one
   * of more than `most` bytes (by default `LARGEST_FILE`), of which nothing is read then.
   */
  read(path: string, most?: number): Promise<Buffer | undefined>;
  /** At most the first `length` bytes. */
  readHead(path: string, length: number): Promise<Buffer | undefined>;
  /** Every part in it, with its size. */
  parts(): Promise<Map<string, number>>;
  /**
   * What files look like from outside, where that is cheap to ask: their size, and a mark that changes when somebody writes to one.
   * What is no plain file is left out.
   */
  outsides?(files: readonly string[]): ReadonlyMap<string, Outside>;
}

export interface Outside {
  readonly bytes: number;
  readonly mark: string;
}

export interface WritableStore extends ReadableStore {
  /**
   * Writes a file whole or not at all. It may be lost in a power cut until `settle` has returned. Throws DISK_FULL or
   * NOT_WRITABLE, and then the path holds what it held.
   */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** What was written is on the disk, names included. */
  settle(): Promise<void>;
  remove(path: string): Promise<void>;
  /** Readies the store for a writer: makes it, and removes what a writer that died left half-written. */
  prepare(): Promise<void>;
}
