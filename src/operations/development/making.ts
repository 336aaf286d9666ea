import { randomBytes } from 'node:crypto';
import type { Secret } from '../../core/fakes/chance.ts';
import type { FakesConfig } from '../../core/privacy/fake-kinds.ts';
import { secretTooShort } from '../../core/problems/fakes.ts';
import { localBytes, writeLocal } from '../../local/place.ts';

/** How data for development is made of a backup. */
export interface Making {
  /** For which environment: `development`. */
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
