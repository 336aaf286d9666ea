import { join } from 'node:path';
import { identityIn } from '../core/identity.ts';
import { parseTarget, type Target } from '../core/target.ts';
import { localFolder } from '../local/place.ts';
import { readCatalog } from '../operations/catalog.ts';
import { variableOf } from './variables.ts';
import { type Question, sqliteAt, type WhichDatabase } from './which-database.ts';

const NONE = 'no-database';

/**
 * What stands for a database that nobody can name, for whatever is about backups alone: of the kind and the name that the newest of them
 * says. There is nothing at its place, and nothing is made there.
 */
export async function absentDatabase({ root, store }: Omit<Question, 'named'>): Promise<WhichDatabase> {
  const { entries } = await readCatalog(store);
  const newest = entries[0]?.metadata;
  const identity = newest && identityIn(newest);
  const target = placeFor(root, newest?.database_type);
  return { target, isFound: true, variables: [], ...(identity === undefined ? {} : { identity }) };
}

function placeFor(root: string, type: string | undefined): Target {
  if (type === 'postgresql') return { kind: 'pglite', folder: join(localFolder(root), NONE) };
  if (type === 'duckdb') return { kind: 'duckdb', file: join(root, `${NONE}.duckdb`) };
  return sqliteAt(join(root, `${NONE}.db`));
}

/** The variable that a target stands for and that is not set; undefined where that is not how it is named. */
export function unsetVariable(target: string, { env, root }: Pick<Question, 'env' | 'root'>): string | undefined {
  const parsed = parseTarget(target);
  if (parsed.kind !== 'variable' || !/^\w+$/.test(parsed.name)) return undefined;
  return variableOf(parsed.name, env, root) === undefined ? parsed.name : undefined;
}
