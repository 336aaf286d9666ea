import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { identityText, recipientText } from '../core/age-keys.ts';
import { hint, overwinter } from '../core/hint.ts';
import { usage } from '../core/problems/usage.ts';
import { codeOf } from '../core/system-error.ts';
import { writeProblem } from '../core/write-problem.ts';
import { publicKeyOf } from '../crypto/x25519.ts';
import { realPath } from '../files/real-path.ts';
import { type Environment, openRepository } from '../git/repository.ts';
import { identityFolder } from './identities.ts';

export interface NewIdentity {
  readonly recipient: string;
  /** The file that holds the secret key; nothing else does. */
  readonly file: string;
}

/** Makes an identity and writes it where git cannot reach it and only this user can read it. Throws USAGE and NOT_WRITABLE. */
export async function newIdentity(
  root: string,
  env: Environment,
  now: Date,
  to: string | undefined,
): Promise<NewIdentity> {
  const key = randomBytes(32);
  const recipient = recipientText(publicKeyOf(key));
  const project = basename(root).replace(/[^A-Za-z0-9._-]/g, '_');
  const file = to === undefined ? join(identityFolder(env), `${project}-${recipient.slice(-8)}.txt`) : resolve(to);
  await mustBeOutOfReach(root, env, file);
  const text = `# created: ${now.toISOString()}\n# project: ${project}\n# public key: ${recipient}\n${identityText(key)}\n`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    if (codeOf(error) === 'EEXIST')
      throw usage(`${file} exists already.`, hint`Name another file: ${overwinter('keys new', '--to', 'FILE')}.`)();
    throw writeProblem(file, error);
  }
  return { recipient, file };
}

async function mustBeOutOfReach(root: string, env: Environment, file: string): Promise<void> {
  const repository = await openRepository(root, env);
  const top = realPath(repository?.top ?? root);
  if (relative(top, realPath(file)).startsWith('..')) return;
  throw usage(
    `${file} is in the project, where a secret key is soon committed.`,
    hint`Leave --to out: ${overwinter('keys new')} writes it into your home.`,
  )();
}
