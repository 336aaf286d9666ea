import type { Skipped } from '../operations/catalog.ts';
import type { Diff } from '../operations/diff.ts';
import type { Verified } from '../operations/verify.ts';
import type { Freshness } from './age.ts';
import type { Placed, Refused } from './place.ts';

/** What a run did, filled as it goes, so that a run that failed can tell how far it came. */
export interface CiReport {
  /** `failed`: nothing was done for any database. */
  status: 'pushed' | 'unchanged' | 'dry-run' | 'failed';
  readonly remote: string;
  readonly branch: string;
  /** The commit that is deployed. */
  readonly commit: string;
  /** The commit that carries the backups; missing where none was needed. */
  pushed: string | undefined;
  tries: number;
  /** One for each database. */
  readonly parts: readonly CiPart[];
  /** What stopped all of them. */
  problem: unknown;
}

/** What it did for one database. */
export interface CiPart {
  /** The database's. */
  readonly name: string;
  /** What was brought from a running app: of how many files how many were fetched. */
  pulled:
    | { readonly from: string; readonly files: number; readonly fetched: number; readonly bytes: number }
    | undefined;
  backup: Placed | undefined;
  /** A backup that the branch keeps aside, because rows of the ones before would have been lost. */
  refused: Refused | undefined;
  /** How the rows differ from the backup before. */
  diff: Diff | undefined;
  verified: Verified | undefined;
  healed: readonly string[];
  lost: readonly string[];
  removed: readonly string[];
  /** Backups that cannot be read. */
  skipped: readonly Skipped[];
  freshness: Freshness | undefined;
  /** What stopped it, or is wrong besides: then what is here was not pushed, or was in spite of it. */
  problem: unknown;
}

export function emptyReport(remote: string, branch: string, commit: string, names: readonly string[]): CiReport {
  const parts = names.map(emptyPart);
  return { status: 'failed', remote, branch, commit, pushed: undefined, tries: 0, parts, problem: undefined };
}

function emptyPart(name: string): CiPart {
  return {
    name,
    pulled: undefined,
    backup: undefined,
    refused: undefined,
    diff: undefined,
    verified: undefined,
    healed: [],
    lost: [],
    removed: [],
    skipped: [],
    freshness: undefined,
    problem: undefined,
  };
}
