import { randomBytes } from 'node:crypto';
import type { Secret } from '../../core/fakes/chance.ts';
import type { Saved } from '../../core/manifest.ts';
import type { FakesConfig } from '../../core/privacy/fake-kinds.ts';
import type { LeftOut } from '../../core/privacy/left-out.ts';
import { secretTooShort } from '../../core/problems/fakes.ts';
import type { Database, SliceSource } from '../../engines/engine.ts';
import { localBytes, writeLocal } from '../../local/place.ts';
import type { Unsealed } from '../unseal.ts';

/** A backup's content as it is to be for development. */
export interface Remade {
  readonly content: Saved;
  readonly slices: SliceSource;
  readonly rows: number;
  /** What is to be made again once the rows are there: indexes that were begun empty. */
  readonly rebuild: LeftOut | undefined;
  readonly made: Made;
}

/** What became of the rows. */
export interface Made {
  readonly environment: string;
  /** Columns with fakes, or nothing, by table. */
  readonly faked: Readonly<Record<string, readonly string[]>>;
  /** Tables without rows. */
  readonly emptied: readonly string[];
  /** Columns that are faked because of a foreign key. */
  readonly carried: readonly string[];
  /** What to look at, in sentences without their full stops. */
  readonly notes: readonly string[];
}

/** How data for development is made of a backup. */
export interface Making {
  /** For which environment: `development`. */
  readonly environment: string;
  remake(database: Database, unsealed: Unsealed, scratch: string, onRows: (rows: number) => void): Promise<Remade>;
}

/** What somebody asks for. */
export interface Wanted {
  readonly environment: string;
  readonly fakes: FakesConfig;
  readonly secret: Secret;
  /** The share of the rows, from 0 to 1; all of them where it is missing. */
  readonly share?: number;
}

const FILE = 'fakes-key';
const FEWEST = 16;
const BYTES = 32;

/**
 * What fakes follow from besides the values: what a team has agreed on, or what this machine keeps for itself, and nobody else has. Throws
 * CONFIG_INVALID for one that is too short.
 */
export function secretFor(local: string, agreed: string | undefined): Secret {
  if (agreed !== undefined && agreed !== '') {
    if (agreed.length < FEWEST) throw secretTooShort()();
    return Buffer.from(agreed);
  }
  const kept = localBytes(local, FILE);
  if (kept !== undefined && kept.length === BYTES) return kept;
  const made = randomBytes(BYTES);
  writeLocal(local, FILE, made);
  return made;
}
