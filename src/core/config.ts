import type { Database } from 'better-sqlite3';
import { recipientKey } from './age-keys.ts';
import { detectHost, HOSTS, type Host } from './host.ts';
import type { PrivacyConfig } from './privacy/settings.ts';
import { isOneExpression } from './privacy/sql-words.ts';
import { configInvalid } from './problems.ts';
import type { Retention } from './retention.ts';

/** The variables a program was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a start of the app does when something is wrong, and where else it looks for backups.
 * @example
 * ```ts
 * import type { BootConfig } from 'overwinter';
 * export const boot: BootConfig = { onCorrupt: 'restore', branch: 'backups' };
 * ```
 */
export interface BootConfig {
  /** A database that cannot be read: `fail` stops the start, `restore` sets it aside and restores. Default: `fail`. */
  readonly onCorrupt?: 'fail' | 'restore';
  /** A restore that fails: `fail` stops the start, `start-empty` lets it go on without the data. Default: `fail`. */
  readonly onFailure?: 'fail' | 'start-empty';
  /** The environment whose backups come first. Default: this one. */
  readonly from?: string;
  /** A git branch that holds backups, looked at after the folder. */
  readonly branch?: string;
}

/**
 * Whom backups are encrypted to; each of them can open every backup.
 * @example
 * ```ts
 * import type { EncryptConfig } from 'overwinter';
 * export const encrypt: EncryptConfig = { passphrase: true };
 * ```
 */
export interface EncryptConfig {
  /** age's public keys: `age1…`. */
  readonly recipients?: readonly string[];
  /** `true` lets the passphrase in `OVERWINTER_PASSPHRASE` open them too. */
  readonly passphrase?: boolean;
}

/**
 * What a project may set in `overwinter.config.ts`. Everything has a default; most projects set `db` alone.
 * @example
 * ```ts
 * import type { Config } from 'overwinter';
 * export const config: Config = { db: 'data/app.db', environment: 'production', maxShrink: 0.2 };
 * ```
 */
export interface Config extends PrivacyConfig {
  /** The database file. Default: the one there is. */
  readonly db?: string;
  /** The folder for backups. Default: `backups`. */
  readonly dir?: string;
  /**
   * What this machine is to the data: `development`, `production`, … Default: `ci` where `CI` is set, else what the host it runs on
   * is for, else `NODE_ENV`, else `development`.
   */
  readonly environment?: string;
  /** The share of rows a backup may have lost against the one before. Default: 0.5. */
  readonly maxShrink?: number;
  /** How many backups `prune` keeps. */
  readonly retention?: Partial<Retention>;
  /** How many snapshots are kept. Default: 10. */
  readonly snapshots?: number;
  /** Tables whose rows do not count as data when boot asks whether the database is empty. */
  readonly ignoreTables?: readonly string[];
  /** How long to wait for a lock, in milliseconds. Default: 5000. */
  readonly wait?: number;
  /** `strict: true` lets a backup that fails stop the commit. Default: the commit goes on, and says so. */
  readonly hook?: { readonly strict?: boolean };
  /** What a start of the app does when something is wrong, and where else it looks for backups. */
  readonly boot?: BootConfig;
  /** A branch of `origin` to which `keep` and `run` bring every backup too, and where a start of the app looks for newer ones. */
  readonly push?: string;
  /**
   * The address of the repository that has this branch, for an app without a checkout or with another one. Without `push` the branch
   * is `backups`. A token for it belongs in `OVERWINTER_GIT_TOKEN`.
   */
  readonly remote?: string;
  /** Encrypts backups with age. `false` says that they are meant to be plain. Default: plain, as long as no backup is encrypted. */
  readonly encrypt?: EncryptConfig | false;
  /** `allow` saves backups into a repository that everybody can read. Default: it is refused where that is known. */
  readonly publicRemote?: 'allow' | 'refuse';
  /** Registers what the app registers on its own connections: functions, collations, extensions. */
  readonly prepare?: (db: Database) => void;
}

export interface Settled {
  readonly db: string | undefined;
  readonly dir: string;
  readonly environment: string;
  readonly maxShrink: number;
  readonly retention: Retention;
  readonly snapshots: number;
  readonly ignoreTables: readonly string[];
  readonly wait: number;
  readonly hook: { readonly strict: boolean };
  readonly boot: BootConfig;
  readonly push: string | undefined;
  readonly remote: string | undefined;
  readonly encrypt: EncryptConfig | false | undefined;
  /** What backups leave out. */
  readonly privacy: PrivacyConfig;
  readonly publicRemote: 'allow' | 'refuse';
  /** What this runs on; undefined on an ordinary machine. */
  readonly host: Host | undefined;
  readonly prepare: ((db: Database) => void) | undefined;
}

/**
 * Gives an editor the types of a configuration; returns it as it is.
 * @example
 * ```ts
 * import { defineConfig } from 'overwinter';
 * export default defineConfig({ db: 'data/app.db', retention: { last: 10, daily: 7 } });
 * ```
 */
export function defineConfig(config: Config): Config {
  return config;
}

type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be text');
const share: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'must be a number from 0 to 1';
const whole: Check = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? undefined : 'must be a whole number';
const names: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'must be a list of names';
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const callable: Check = (value) => (typeof value === 'function' ? undefined : 'must be a function');

const RETENTION: Record<keyof Retention, Check> = { last: whole, daily: whole, weekly: whole, monthly: whole };

const retention: Check = (value) => {
  if (typeof value !== 'object' || value === null) return 'must be an object';
  return faultIn(value, RETENTION);
};

const hook: Check = (value) => {
  if (typeof value !== 'object' || value === null) return 'must be an object';
  return faultIn(value, { strict: flag });
};

const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.some((word) => word === value) ? undefined : `must be one of: ${words.join(', ')}`;

const BOOT: Record<keyof BootConfig, Check> = {
  onCorrupt: oneOf('fail', 'restore'),
  onFailure: oneOf('fail', 'start-empty'),
  from: text,
  branch: text,
};

const boot: Check = (value) => {
  if (typeof value !== 'object' || value === null) return 'must be an object';
  return faultIn(value, BOOT);
};

const ENCRYPT: Record<keyof EncryptConfig, Check> = {
  recipients: (value) => {
    if (!Array.isArray(value)) return "must be a list like ['age1…']";
    const wrong = value.findIndex((each) => typeof each !== 'string' || recipientKey(each) === undefined);
    // It is not repeated: somebody may have put the secret key there.
    return wrong === -1 ? undefined : `must be a list of age1…, and number ${wrong + 1} of it is none or mistyped`;
  },
  passphrase: flag,
};

const encrypt: Check = (value) => {
  if (value === false) return undefined;
  if (typeof value !== 'object' || value === null) return "must be { recipients: ['age1…'] }, or false";
  const fault = faultIn(value, ENCRYPT);
  if (fault !== undefined) return fault;
  const { recipients = [], passphrase }: EncryptConfig = value;
  return recipients.length > 0 || passphrase ? undefined : 'must name somebody who can open it';
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object whose keys are names of tables. */
const byTable =
  (check: Check, example: string): Check =>
  (value) => {
    if (!isObject(value)) return `must be an object, as in ${example}`;
    for (const [table, each] of Object.entries(value)) {
      const fault = check(each);
      if (fault !== undefined) return `is wrong for '${table}': it ${fault}, as in ${example}`;
    }
    return undefined;
  };

const condition: Check = (value) =>
  typeof value === 'string' && value.trim() !== '' && isOneExpression(value)
    ? undefined
    : 'must be one condition in SQL';

const LONGEST_REPLACEMENT = 1000;

const replacement: Check = (value) =>
  value === null ||
  (typeof value === 'string' && value.length <= LONGEST_REPLACEMENT && value.isWellFormed() && !value.includes('\0')) ||
  (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0))
    ? undefined
    : 'must be short text, a number or null';

const redactions: Check = (value) => {
  if (!isObject(value)) return names(value);
  return Object.values(value)
    .map(replacement)
    .find((fault) => fault !== undefined);
};

/** It is not repeated: somebody may have put a password there. */
const remote: Check = (value) => {
  if (typeof value !== 'string' || !/^[\w./~]/.test(value)) return 'must be the address of a git repository';
  if (/^https?:\/\/[^/]*@/i.test(value)) return 'must not hold a password: the token belongs in OVERWINTER_GIT_TOKEN';
  return undefined;
};

const KEYS: Record<keyof Config, Check> = {
  db: text,
  dir: text,
  environment: text,
  maxShrink: share,
  retention,
  snapshots: whole,
  ignoreTables: names,
  wait: whole,
  hook,
  boot,
  push: text,
  remote,
  encrypt,
  redact: byTable(redactions, "{ users: ['ssn'] } or { users: { ssn: 'none' } }"),
  keep: byTable(names, "{ files: ['hash'] }"),
  include: byTable(condition, "{ users: 'active = 1' }"),
  exclude: byTable(oneOf('rows', 'whole'), "{ sessions: 'rows' }"),
  publicRemote: oneOf('allow', 'refuse'),
  prepare: callable,
};

/** The first thing wrong with an object's keys or values, as the end of a sentence; undefined if nothing is. */
function faultIn(value: object, keys: Readonly<Record<string, Check>>): string | undefined {
  for (const [key, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const check = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (check === undefined) {
      const meant = nearest(key, Object.keys(keys));
      return `has '${key}', which is no setting${meant === undefined ? '' : `; did you mean '${meant}'?`}`;
    }
    const fault = check(each);
    if (fault !== undefined) return `has a '${key}' that cannot be: it ${fault}`;
  }
  return undefined;
}

/** Throws CONFIG_INVALID for an unknown or misspelt key and for a value that cannot be. */
export function checkConfig(where: string, value: unknown): Config {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw configInvalid(where, 'is no object')();
  const fault = faultIn(value, KEYS);
  if (fault !== undefined) throw configInvalid(where, fault)();
  return value;
}

/** The settings that the environment makes. Throws CONFIG_INVALID for a number that is none. */
export function configFromEnvironment(env: Environment): Config {
  const { OVERWINTER_HOST: host = '' } = env;
  if (host !== '' && host !== 'none') {
    const fault = oneOf(...HOSTS, 'none')(host.toLowerCase());
    if (fault !== undefined)
      throw configInvalid('the environment (OVERWINTER_…)', `has an OVERWINTER_HOST that cannot be: it ${fault}`)();
  }
  const number = (value: string | undefined) => (value === undefined ? undefined : Number(value));
  const config = {
    db: env.OVERWINTER_DB,
    dir: env.OVERWINTER_DIR,
    environment: env.OVERWINTER_ENVIRONMENT,
    push: env.OVERWINTER_PUSH,
    remote: env.OVERWINTER_REMOTE,
    maxShrink: number(env.OVERWINTER_MAX_SHRINK),
    snapshots: number(env.OVERWINTER_SNAPSHOTS),
    wait: number(env.OVERWINTER_WAIT),
  };
  const set = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== ''));
  return checkConfig('the environment (OVERWINTER_…)', set);
}

const DEFAULT_RETENTION: Retention = { last: 10, daily: 7, weekly: 4, monthly: 12 };

/** Flag, then environment, then file, then default: the first that says something. `exists` knows which files there are. */
export function settle(
  flags: Config,
  environment: Config,
  file: Config,
  env: Environment,
  exists: (path: string) => boolean = () => false,
): Settled {
  const host = detectHost(env, exists);
  const first = <K extends keyof Config>(key: K): Config[K] => flags[key] ?? environment[key] ?? file[key];
  return {
    db: first('db'),
    dir: first('dir') ?? 'backups',
    environment: first('environment') ?? usualEnvironment(env, host),
    maxShrink: first('maxShrink') ?? 0.5,
    retention: { ...DEFAULT_RETENTION, ...file.retention, ...flags.retention },
    snapshots: first('snapshots') ?? 10,
    ignoreTables: first('ignoreTables') ?? [],
    wait: first('wait') ?? 5000,
    hook: { strict: first('hook')?.strict ?? false },
    boot: { ...file.boot, ...environment.boot, ...flags.boot },
    push: first('push') ?? (first('remote') === undefined ? undefined : 'backups'),
    remote: first('remote'),
    encrypt: first('encrypt'),
    privacy: privacyOf(file),
    publicRemote: first('publicRemote') ?? 'refuse',
    host,
    prepare: first('prepare'),
  };
}

/** Only a file can say it: what a backup leaves out is not to depend on who makes it. */
function privacyOf({ redact, keep, include, exclude }: Config): PrivacyConfig {
  return {
    ...(redact === undefined ? {} : { redact }),
    ...(keep === undefined ? {} : { keep }),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
  };
}

/** Builds run on hosts too, and what they save is not the app's data: so CI comes first. */
function usualEnvironment(env: Environment, host: Host | undefined): string {
  if (env.CI && env.CI !== 'false' && env.CI !== '0') return 'ci';
  return host?.environment ?? (env.NODE_ENV || 'development');
}

/** The word that a misspelt one was probably meant to be: at most a third of its letters wrong. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const scored = words.map((each) => ({ each, distance: distance(word.toLowerCase(), each.toLowerCase()) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= Math.max(2, word.length / 3) ? best.each : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
