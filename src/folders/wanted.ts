/** A folder whose files are saved beside the rows. */
export interface Folder {
  /** What it is called in backups. */
  readonly name: string;
  /** Where it lies here. */
  readonly path: string;
}

/** What is to be saved beside the rows: plain data, so that it can be remembered. */
export interface WantedFiles {
  /** In the order of their names. */
  readonly folders: readonly Folder[];
  /** The top of the project: below it no folder on the way may be a link. */
  readonly top: string;
  /** Files and folders that are none of the app's files: databases, backups. */
  readonly never: readonly string[];
  /** In bytes: of one file, and of all. */
  readonly largest: number;
  readonly largestSum: number;
}
