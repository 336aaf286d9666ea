import type { Config } from '../core/config.ts';
import { placeOf } from '../core/target.ts';
import type { Database } from '../engines/engine.ts';
import { engineFor } from '../engines/registry.ts';
import type { World } from './open-project.ts';
import { namedDatabase } from './which-database.ts';

/** A database beside the project's own, named where something is typed, and the file or folder it is in. Throws USAGE, and ENGINE_MISSING. */
export async function otherDatabase(
  world: World,
  root: string,
  named: string,
  { wait, prepare }: { readonly wait: number; readonly prepare: Config['prepare'] },
): Promise<{ readonly database: Database; readonly place: string | undefined }> {
  const { target } = namedDatabase({ root, cwd: world.cwd, env: world.env }, { target: named, base: world.cwd });
  const database = await engineFor(target).open(target, { wait, ...(prepare === undefined ? {} : { prepare }) });
  world.onOpened?.(database);
  return { database, place: placeOf(target) };
}
