import type { Config } from '../../core/config.ts';
import { OverwinterError } from '../../core/errors.ts';
import { mustBeOurs } from '../../operations/ours.ts';
import { type OpenedProjects, openProjects, type World } from '../../project/open-project.ts';

/**
 * The project with all databases that its configuration lists, whichever of them `--db` picked: what `init` writes beside it is about all
 * of them. Throws ANOTHER_DATABASE where what was picked is none of them, with the line to add.
 */
export async function wholeProject(world: World, flags: Config, picked: OpenedProjects): Promise<OpenedProjects> {
  if (flags.db === undefined || picked.configFile === undefined) return picked;
  const { db: _, ...others } = flags;
  const whole = await openProjects(world, others).catch((error: unknown) => {
    // It lists none.
    if (error instanceof OverwinterError && error.code === 'USAGE') return picked;
    throw error;
  });
  const [project] = picked.projects;
  const isListed = whole.projects.some(
    ({ identity, store }) => identity.name === project.identity.name && store.id === project.store.id,
  );
  if (!isListed) mustBeOurs(project, project.store.label, []);
  return isListed ? whole : picked;
}
