import type { Target } from '../core/target.ts';
import type { Engine } from './engine.ts';
import { sqlite } from './sqlite/index.ts';

export type Engines = {
  readonly [Kind in Target['kind']]: Engine<Extract<Target, { readonly kind: Kind }>> | undefined;
};

/** For each kind of target what opens it, where anything here does. A new engine is a folder beside `sqlite/` and its name here. */
export const engines: Engines = {
  sqlite,
  postgres: undefined,
  pglite: undefined,
  duckdb: undefined,
  motherduck: undefined,
};
