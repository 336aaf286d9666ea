import { basename, isAbsolute, relative, resolve } from 'node:path';
import { usualName } from '../../core/identity.ts';
import { settlementOf } from '../../core/privacy/select.ts';
import { placeOf, type Target } from '../../core/target.ts';
import type { Project } from '../../operations/project.ts';
import type { OpenedProjects } from '../../project/open-project.ts';
import { FALLBACK } from '../../project/which-database.ts';
import type { ProjectFacts, WishedDatabase, Wishes } from './project-facts.ts';

/** What the user named, or what was found in its place. */
export async function wishesOf(
  { projects, configFile, root, which }: Pick<OpenedProjects, 'projects' | 'configFile' | 'root' | 'which'>,
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
  const isNew = !configured || configFile === undefined;
  const wished = async (each: Project): Promise<WishedDatabase> => {
    const privacy = isNew ? await settlementFor(each) : undefined;
    const { name } = each.identity;
    const { file, codec } = each.database;
    const isSqlite = codec.databaseType === 'sqlite';
    // Of the others only files are found without a configuration.
    const place = file?.path ?? (each === project ? placeOf(which.target) : undefined);
    // An address may hold a password, and differs between machines: the same database has the same name on all of them.
    if (place === undefined)
      return { name, db: `env:${which.variable ?? FALLBACK}`, file: undefined, isSqlite, privacy };
    const path = real(place);
    const from = inside(facts.root, path) ?? path;
    const db = each === project ? asConfigured(which.target, from) : from;
    const named = name === usualName(path) ? {} : { name };
    return { db, ...named, file: { path, besides: file?.besides ?? [] }, isSqlite, privacy };
  };
  const others: WishedDatabase[] = [];
  for (const each of more) others.push(await wished(each));
  const first = await wished(project);
  const { name: _, ...unnamed } = first;
  const isServer = first.file === undefined && project.database.codec.databaseType === 'postgresql';
  return {
    // A file's own name is what the first is called.
    ...(first.file === undefined ? first : unnamed),
    dir: real(project.store.path),
    ...(isServer && others.length === 0 ? { addressIn: which.variable ?? FALLBACK } : {}),
    others,
    configFile: isNew ? undefined : configFile,
  };
}

/** A path alone is SQLite's, or says by its end what it is. */
function asConfigured({ kind }: Target, path: string): string {
  if (kind === 'pglite') return `pglite:${path}`;
  return kind === 'duckdb' && !/\.duckdb$/i.test(path) ? `duckdb:${path}` : path;
}

/** Whether any database of the project lies nowhere on this machine. */
export const isAtAddress = ({ others, ...first }: Wishes): boolean =>
  [first, ...others].some(({ file }) => file === undefined);

/** A path from the app's folder, with slashes; undefined outside of it. */
export function inside(root: string, path: string): string | undefined {
  const from = relative(root, path).replaceAll('\\', '/');
  return from === '' || from.startsWith('../') || isAbsolute(from) ? undefined : from;
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
