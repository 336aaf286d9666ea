import { relative } from 'node:path';
import type { Config } from '../../core/config.ts';
import { OverwinterError } from '../../core/errors.ts';
import { severalDatabases } from '../../core/problems/usage.ts';
import { type OpenedProject, openProject, type World } from '../../project/open-project.ts';
import { configuredDatabases } from './configured-databases.ts';

/** The project with its database, and the configuration of another tool that named it. */
export interface Chosen {
  readonly opened: OpenedProject;
  readonly by?: string;
}

/**
 * What names the database, first; then what the app's own configuration names, which is surer than what merely lies there; then what
 * is found. Throws what opening the project throws: USAGE where several may be meant, or none.
 */
export async function chooseDatabase(world: World, flags: Config, root: string): Promise<Chosen> {
  const opened = await openProject(world, flags).catch((error: unknown) => {
    if (error instanceof OverwinterError && error.code === 'USAGE' && flags.db === undefined) return error;
    throw error;
  });
  if (!(opened instanceof OverwinterError) && !opened.which.isFound) return { opened };
  const configured = configuredDatabases(root, world.env);
  const [only, ...more] = configured;
  if (only === undefined) {
    if (opened instanceof OverwinterError) throw opened;
    return { opened };
  }
  if (more.length > 0)
    throw severalDatabases(configured.map(({ file, by }) => `${relative(root, file)} (${by})`).join(', '))();
  return { opened: await openProject(world, { ...flags, db: only.file }), by: only.by };
}
