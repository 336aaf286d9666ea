import { basename, relative, resolve } from 'node:path';
import { usualName } from '../../core/identity.ts';
import { settlementOf } from '../../core/privacy/select.ts';
import type { Project } from '../../operations/project.ts';
import type { OpenedProjects } from '../../project/open-project.ts';
import type { OtherDatabase, ProjectFacts, Wishes } from './project-facts.ts';

/** What the user named, or what was found in its place. */
export async function wishesOf(
  { projects, configFile, root }: Pick<OpenedProjects, 'projects' | 'configFile' | 'root'>,
  facts: ProjectFacts,
): Promise<Wishes> {
  const [project, ...more] = projects;
  // A package.json may name overwinter without configuring it.
  const manifest = facts.manifests.find(
    ({ path }) => path.startsWith(facts.root) && basename(configFile ?? '') === basename(path),
  );
  const configured = manifest === undefined || manifest.keys.has('overwinter');
  // Facts are about real paths, and a project may have been entered through a link.
  const real = (path: string) => resolve(facts.root, relative(root, path));
  const paths = { db: real(project.database.label), dir: real(project.store.path) };
  const isNew = !configured || configFile === undefined;
  const others: OtherDatabase[] = [];
  for (const each of more) {
    const { name } = each.identity;
    const db = real(each.database.label);
    const privacy = isNew ? await settlementFor(each) : undefined;
    others.push({ db, ...(name === usualName(db) ? {} : { name }), privacy });
  }
  return isNew
    ? { ...paths, others, configFile: undefined, privacy: await settlementFor(project) }
    : { ...paths, others, configFile };
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
