import { engineMissing } from '../core/problems/target.ts';
import { KIND_NAMES, type Target } from '../core/target.ts';
import type { ContentCodec } from './codec.ts';
import type { Engine } from './engine.ts';
import { engines } from './index.ts';

/** What opens a target, named in `where`. Throws ENGINE_MISSING for a kind of database that nothing here opens. */
export function engineFor(target: Target, where?: string): Engine {
  const engine = engines[target.kind];
  if (engine === undefined) throw engineMissing(where, KIND_NAMES[target.kind])();
  return engine;
}

/** How backups of a type of database are read; undefined for a type that nothing here knows. */
export function codecOf(databaseType: string): ContentCodec | undefined {
  return Object.values(engines).find((engine) => engine?.codec.databaseType === databaseType)?.codec;
}
