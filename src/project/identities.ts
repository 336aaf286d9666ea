import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readIdentities } from '../core/age-keys.ts';
import { identitiesUnreadable } from '../core/problems/encryption.ts';
import { codeOf } from '../core/system-error.ts';
import type { Keys } from '../crypto/age-encryption.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a person's identities are kept: in their home, because what is in a project is cloned, cleaned and published. */
export function identityFolder({ XDG_CONFIG_HOME: config, HOME: home }: Environment): string {
  return join(config || join(home || homedir(), '.config'), 'overwinter', 'identities');
}

/**
 * The keys this process may use: what is in OVERWINTER_IDENTITY, and in the file that OVERWINTER_IDENTITY_FILE names or else in every
 * file of the user's folder. They are read when one is needed.
 */
export function keysFrom(env: Environment): Keys {
  let found: readonly Uint8Array[] | undefined;
  return {
    identities() {
      found ??= [
        ...identitiesIn('OVERWINTER_IDENTITY', env.OVERWINTER_IDENTITY ?? ''),
        ...identityFiles(env).flatMap((file) => identitiesIn(file, contentOf(file))),
      ];
      return found;
    },
    passphrase: env.OVERWINTER_PASSPHRASE || undefined,
    ...mostWorkIn(env),
  };
}

/** Node's scrypt takes no more than a gigabyte or so. */
const MOST_WORK = 22;

function mostWorkIn({ OVERWINTER_PASSPHRASE_WORK: work = '' }: Environment): Pick<Keys, 'mostWork'> {
  return /^\d{1,2}$/.test(work) ? { mostWork: Math.min(MOST_WORK, Number(work)) } : {};
}

function identityFiles(env: Environment): string[] {
  if (env.OVERWINTER_IDENTITY_FILE) return [env.OVERWINTER_IDENTITY_FILE];
  const folder = identityFolder(env);
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.txt'))
      .sort()
      .map((file) => join(folder, file));
  } catch (error) {
    // Most people have none.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error))) return [];
    throw error;
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw identitiesUnreadable(file, `cannot be read (${codeOf(error)})`)();
  }
}

/** What is wrong is told without what is there. */
function identitiesIn(where: string, text: string): readonly Uint8Array[] {
  const { keys, wrong } = readIdentities(text);
  const [line] = wrong;
  if (line !== undefined) throw identitiesUnreadable(where, `cannot be used: line ${line} is none`)();
  return keys;
}
