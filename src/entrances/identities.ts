import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readIdentities } from '../core/age-keys.ts';
import { identitiesUnreadable } from '../core/problems.ts';
import { codeOf } from '../core/write-problem.ts';
import type { Keys } from '../crypto/encryption.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a person's identities are kept: in their home, because what is in a project is cloned, cleaned and published. */
export function identityFile({
  OVERWINTER_IDENTITY_FILE: named,
  XDG_CONFIG_HOME: config,
  HOME: home,
}: Environment): string {
  if (named) return named;
  return join(config || join(home || homedir(), '.config'), 'overwinter', 'identities.txt');
}

/** The keys this process may use: from the environment and from the file of identities. */
export function keysFrom(env: Environment): Keys {
  let found: readonly Uint8Array[] | undefined;
  return {
    identities() {
      found ??= [...inEnvironment(env), ...inFile(identityFile(env), Boolean(env.OVERWINTER_IDENTITY_FILE))];
      return found;
    },
    passphrase: env.OVERWINTER_PASSPHRASE || undefined,
  };
}

function inEnvironment({ OVERWINTER_IDENTITY: text = '' }: Environment): readonly Uint8Array[] {
  return identitiesIn('OVERWINTER_IDENTITY', text);
}

/** A file that was named must be there; the usual one need not. */
function inFile(file: string, isNamed: boolean): readonly Uint8Array[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!isNamed && codeOf(error) === 'ENOENT') return [];
    throw identitiesUnreadable(file, `cannot be read (${codeOf(error)})`)();
  }
  return identitiesIn(file, text);
}

function identitiesIn(where: string, text: string): readonly Uint8Array[] {
  const { keys, wrong } = readIdentities(text);
  const [line] = wrong;
  if (line !== undefined) throw identitiesUnreadable(where, `cannot be used: line ${line} is none`)();
  return keys;
}
