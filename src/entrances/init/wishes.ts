import { basename, relative, resolve } from 'node:path';
import type { OpenedProject } from '../open-project.ts';
import type { ProjectFacts, Wishes } from './project-facts.ts';

/** What the user named, or what was found in its place. */
export function wishesOf({ project, configFile, root }: OpenedProject, facts: ProjectFacts): Wishes {
  // A package.json may name overwinter without configuring it.
  const manifest = facts.manifests.find(
    ({ path }) => path.startsWith(facts.root) && basename(configFile ?? '') === basename(path),
  );
  const configured = manifest === undefined || manifest.keys.has('overwinter');
  // Facts are about real paths, and a project may have been entered through a link.
  const real = (path: string) => resolve(facts.root, relative(root, path));
  return { db: real(project.db), dir: real(project.store.label), configFile: configured ? configFile : undefined };
}
