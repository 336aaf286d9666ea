import { madeHere, mayBeTheirs, notThisEnvironment } from '../../core/problems/fakes.ts';
import type { Database } from '../../engines/engine.ts';
import { holdOf } from '../../local/hold.ts';
import type { Opened } from '../catalog.ts';
import type { Project } from '../project.ts';
import type { Making } from './making.ts';

/** On a server that is production nothing is made for development, unless it is a new file. Throws USAGE. */
export function mustBeThisEnvironment({ environment }: Project, making: Making): void {
  if (environment !== making.environment) throw notThisEnvironment(making.environment, environment)();
}

/** Fakes are never put where the data itself is made. Throws ANOTHER_DATABASE. */
export function mustComeFromElsewhere({ environment }: Making, { name, manifest }: Opened): void {
  if (manifest.metadata.origin.environment === environment) throw madeHere(name, environment)();
}

/** A server of this machine, as people call it: the whole of the host, for names may begin like it. */
const HERE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?\//i;

/**
 * What lies on another machine and holds rows that nobody made for development may be the very database that the backups come from, whatever this
 * machine is called. Throws DATABASE_EXISTS.
 */
export async function mustNotBeTheirs({ local, ignoreTables }: Project, database: Database): Promise<void> {
  if (database.isElsewhere !== true || HERE.test(database.label)) return;
  if (holdOf(local, database.id)?.madeFor !== undefined) return;
  if ((await database.standing(ignoreTables)) === 'data') throw mayBeTheirs(database.label)();
}
