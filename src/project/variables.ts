import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from '../core/config.ts';
import { readIfThere } from '../files/if-there.ts';

/** Where apps keep what is not for the repository; the first of them wins, and the environment wins over both. */
export const ENV_FILES = ['.env.local', '.env'];

/** What a variable says, and who says it. */
export interface Said {
  readonly name: string;
  readonly value: string;
  /** The file, where it is not the environment itself. */
  readonly file?: string;
}

/** A variable of the environment, or of the project's `.env`. An empty one counts as unset. */
export function variableOf(name: string, env: Environment, root: string): Said | undefined {
  const value = env[name];
  if (value) return { name, value };
  for (const file of ENV_FILES.map((each) => join(root, each))) {
    const found = variablesIn(file)[name];
    if (found) return { name, value: found, file };
  }
  return undefined;
}

/** Without a file there is nothing in it; what cannot be read is as good as none, because the app cannot read it either. */
function variablesIn(file: string): Environment {
  try {
    return parseEnv(readIfThere(file) ?? '');
  } catch {
    return {};
  }
}
