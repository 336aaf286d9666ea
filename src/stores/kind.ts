import type { Remote } from './store.ts';

/** What is around a store that is opened: whose it is, and where that stands. */
export interface Around {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a path in an address is relative to. */
  readonly base: string;
  /** Where the backups are made that are brought there. */
  readonly environment: string;
  /** The `.overwinter/` folder. */
  readonly local: string;
  /** The folder of the project's backups, and the one of this database's in it: the same for the first. */
  readonly backups: string;
  readonly folder: string;
  /** What is in `local` is gone at each start, and nobody runs this on a schedule of their own. */
  readonly forgets?: boolean;
}

/** One kind of place, known by the scheme of its addresses. */
export interface StoreKind {
  /** How an address of it is written, for whoever wrote something else. */
  readonly example: string;
  /**
   * Reads what stands behind the scheme, and asks nobody. Returns what opens it, whose label has nothing secret in it. Throws
   * CONFIG_INVALID for what cannot be, and says no more of it than what is wrong: somebody may have put a password there.
   */
  parse(rest: string): (around: Around) => Omit<Remote, 'address'>;
}

/** Kinds by their scheme. Each is loaded when it is used: few projects have one, and whoever has none is not to wait. */
export type StoreKinds = Readonly<Record<string, () => Promise<StoreKind>>>;
