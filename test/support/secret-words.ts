import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { everythingIn } from './secrets.ts';
import type { Ran } from './warm.ts';

/** Variables that hold a secret, and those whose address holds one. */
const SECRET =
  /^(AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|PGPASSWORD|MOTHERDUCK_TOKEN|OVERWINTER_(GIT_TOKEN|TOKEN|PASSPHRASE|IDENTITY|WEBHOOK_SECRET|GOOGLE_KEY)|RCLONE_CONFIG_\w+_(PASS|TOKEN|KEY|SECRET))$/i;
const WITH_PASSWORD = /^(DATABASE_URL|OVERWINTER_(SMTP_URL|DRILL|DB))$/;
/** Shorter words stand in anything. */
const SHORTEST = 8;

function secretsIn(env: Readonly<Record<string, string>>): string[] {
  const words = Object.entries(env).flatMap(([name, value]) => {
    // A file of keys is named and not told.
    if (SECRET.test(name)) return existsSync(value) ? [] : [value];
    if (!WITH_PASSWORD.test(name)) return [];
    const [, password = ''] = /^[a-z+]+:\/\/[^/?#@]*?:([^/?#]*)@/i.exec(value) ?? [];
    return [password, decoded(password)];
  });
  return words.filter((word) => word.length >= SHORTEST);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What lets a process that the program is run in look at the arguments of those that it starts. */
export function spying(env: Readonly<Record<string, string>>, isAlone: boolean): Record<string, string> {
  const words = secretsIn(env);
  if (words.length === 0) return { ...env };
  const spy = `--import=${new URL('./spied-arguments.mjs', import.meta.url)}`;
  const alone = { TEST_SPY_ALONE: '1', NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} ${spy}`.trim() };
  const given = Buffer.from(JSON.stringify(words)).toString('base64');
  return { ...env, TEST_SECRET_WORDS: given, ...(isAlone ? alone : {}) };
}

/**
 * Whatever a test tries, what it gave in its variables is in nothing that is printed, in no argument of a process, and in no file
 * that is kept of it. Every run of the program in
 * every test goes through here.
 */
export function secretsKept(cwd: string, env: Readonly<Record<string, string>>, ran: Ran): Ran {
  const [argued] = /^a secret stands in the arguments of .*$/m.exec(ran.stderr) ?? [];
  if (argued !== undefined) throw new Error(argued);
  for (const secret of secretsIn(env)) {
    const places = {
      printed: ran.stdout + ran.stderr,
      '.overwinter': kept(cwd, '.overwinter'),
      backups: kept(cwd, 'backups'),
    };
    for (const [place, text] of Object.entries(places))
      if (text.includes(secret)) throw new Error(`a secret of the test's was told: ${place}`);
  }
  return ran;
}

const kept = (cwd: string, folder: string) => (existsSync(join(cwd, folder)) ? everythingIn(join(cwd, folder)) : '');
