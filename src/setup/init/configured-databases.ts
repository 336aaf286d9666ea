import { join, relative } from 'node:path';
import type { Environment } from '../../core/config.ts';
import { OverwinterError } from '../../core/errors.ts';
import { ORM_CONFIGS } from '../../core/orm-configs.ts';
import { readIfThere } from '../../files/if-there.ts';
import { foldersIn, workspacesOf } from '../../project/databases-here.ts';
import { prismaSchema } from '../../project/prisma-schema.ts';
import { projectBelow } from '../../project/projects-below.ts';
import { namedDatabase } from '../../project/which-database.ts';

export interface Configured {
  readonly file: string;
  /** The configuration that names it, from the root. */
  readonly by: string;
}

interface Naming {
  readonly target: string;
  /** The folder from which it is meant. */
  readonly base: string;
  readonly by: string;
}

/** The SQLite databases that configurations of ORMs name, in the project and its workspaces: of each the first that it names. */
export function configuredDatabases(root: string, env: Environment): Configured[] {
  const found = new Map<string, Configured>();
  for (const app of [root, ...workspacesOf(root).filter((folder) => projectBelow(root, folder) === undefined)])
    for (const { target, base, by } of [...prismas(app), ...others(app)]) {
      const file = sqliteFile(target, base, app, env);
      if (file !== undefined && !found.has(file)) found.set(file, { file, by: relative(root, by) });
    }
  return [...found.values()];
}

function prismas(app: string): Naming[] {
  const schema = prismaSchema(app);
  const url = schema?.source.url;
  if (schema?.source.provider !== 'sqlite' || url === undefined) return [];
  return [{ target: 'text' in url ? url.text : `env:${url.variable}`, base: schema.base, by: schema.file }];
}

function others(app: string): Naming[] {
  return ORM_CONFIGS.flatMap(({ files, read }) =>
    files
      .flatMap((file) => expanded(app, file))
      .flatMap((by) => {
        const [target] = read(textOf(by));
        return target === undefined ? [] : [{ target, base: app, by }];
      }),
  );
}

/** What a folder's `*` stands for. */
function expanded(app: string, file: string): string[] {
  if (!file.startsWith('*/')) return [join(app, file)];
  return foldersIn(app).map((folder) => join(folder, file.slice('*/'.length)));
}

function textOf(file: string): string {
  try {
    return readIfThere(file) ?? '';
  } catch {
    return '';
  }
}

/** Undefined where it is of another kind, or in memory, or in a variable that is not set: then it is not for us to say. */
function sqliteFile(target: string, base: string, app: string, env: Environment): string | undefined {
  try {
    const named = namedDatabase({ root: app, cwd: app, env }, { target, base }).target;
    return named.kind === 'sqlite' ? named.file : undefined;
  } catch (error) {
    if (error instanceof OverwinterError) return undefined;
    throw error;
  }
}
