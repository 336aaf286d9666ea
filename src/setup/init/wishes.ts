import { basename, relative, resolve } from 'node:path';
import { settlementOf } from '../../core/privacy/select.ts';
import type { Project } from '../../operations/project.ts';
import type { OpenedProject } from '../../project/open-project.ts';
import type { ProjectFacts, Wishes } from './project-facts.ts';

/** What the user named, or what was found in its place. */
export async function wishesOf({ project, configFile, root }: OpenedProject, facts: ProjectFacts): Promise<Wishes> {
  // A package.json may name overwinter without configuring it.
  const manifest = facts.manifests.find(
    ({ path }) => path.startsWith(facts.root) && basename(configFile ?? '') === basename(path),
  );
  const configured = manifest === undefined || manifest.keys.has('overwinter');
  // Facts are about real paths, and a project may have been entered through a link.
  const real = (path: string) => resolve(facts.root, relative(root, path));
  const paths = { db: real(project.database.label), dir: real(project.store.label) };
  return configured && configFile !== undefined
    ? { ...paths, configFile }
    : { ...paths, configFile: undefined, privacy: await settlementFor(project) };
}

/** What is to be said about columns that look like credentials, where there are tables to look at. */
async function settlementFor({ database, ignoreTables }: Project): Promise<Wishes['privacy']> {
  try {
    const { kind } = await database.state(ignoreTables);
    return kind === 'rows' || kind === 'no-rows' ? settlementOf((await database.describe()).shapes) : undefined;
  } catch {
    // The first backup says what is wrong with it.
    return undefined;
  }
}
