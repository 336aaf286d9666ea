import type { Range } from '../store.ts';

/** An object as a listing shows it. Times are milliseconds, by the clock of the place: those of writers differ. */
export interface Stored {
  readonly bytes: number;
  readonly written: number;
}

export interface Listed {
  /** What time it is there. */
  readonly now: number;
  /** By the path from the top of the place. */
  readonly objects: ReadonlyMap<string, Stored>;
  /** The folders directly in the one that was asked about, with their slash; none where all of it was asked for. */
  readonly folders: readonly string[];
}

/**
 * A place that holds objects by their paths, each of which appears whole and at once. Nobody can be kept from writing meanwhile, and
 * answers get lost: what was asked may be done, done twice, or done late.
 */
export interface Objects {
  /** `folder` is '' or ends in a slash. `here`: what lies directly in it. */
  list(folder: string, depth: 'here' | 'all'): Promise<Listed>;
  /** As a store reads. */
  read(path: string, range?: Range): Promise<Buffer | undefined>;
  /** False where there is something by that name, which stays. A place that cannot tell replaces it. */
  create(path: string, bytes: Uint8Array): Promise<boolean>;
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** What is not there is gone already. False where a request may still be on its way and remove what is written meanwhile. */
  remove(paths: readonly string[]): Promise<boolean>;
}
