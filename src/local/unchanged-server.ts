import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { quickFingerprintOf } from '../engines/index.ts';
import type { Call } from './unchanged.ts';

/** Where the address of a database is said. It may hold a password, so it is kept nowhere. */
export type AddressPlace =
  | { readonly argument: number }
  | { readonly variable: string /** Where it is not the environment's. */; readonly file?: string };

/** A database at an address, and what it said of its state before it was read. */
export interface Server {
  readonly kind: 'postgres';
  readonly address: AddressPlace;
  readonly fingerprint: string;
}

/** Whether nobody wrote to it since, which one question tells. Throws whatever stands in the way. */
export async function isAsItWas({ kind, address, fingerprint }: Server, call: Call): Promise<boolean> {
  const url = addressAt(address, call);
  return url !== undefined && (await quickFingerprintOf.postgres?.({ kind, url }, call.env)) === fingerprint;
}

function addressAt(place: AddressPlace, { argv, env }: Call): string | undefined {
  if ('argument' in place) return argv[place.argument];
  const { variable, file } = place;
  return file === undefined ? env[variable] : parseEnv(readFileSync(file, 'utf8'))[variable];
}
