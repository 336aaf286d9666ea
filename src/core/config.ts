import type { Database } from 'better-sqlite3';
import type { FileLimits, FolderConfig } from './folders.ts';
import type { PrivacyConfig } from './privacy/settings.ts';
import type { Retention } from './retention.ts';

/** The variables a program was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a start of the app does when something is wrong, and whose backups come first.
 * @example
 * ```ts
 * import type { BootConfig } from 'overwinter';
 * export const boot: BootConfig = { onCorrupt: 'restore', onFailure: 'fail' };
 * ```
 */
export interface BootConfig {
  /** A database that cannot be read: `fail` stops the start, `restore` sets it aside and restores. Default: `fail`. */
  readonly onCorrupt?: 'fail' | 'restore';
  /** A restore that fails: `fail` stops the start, `start-empty` lets it go on without the data. Default: `fail`. */
  readonly onFailure?: 'fail' | 'start-empty';
  /** The environment whose backups come first. Default: this one. */
  readonly from?: string;
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
  /**
   * `false` compresses nothing before it is encrypted: then sizes tell how much there is and no longer how well it compresses, and the
   * repository grows several times as fast. Default: `true`.
   */
  readonly compress?: boolean;
}

/**
 * One of several databases.
 * @example
 * ```ts
 * import type { DatabaseConfig } from 'overwinter';
 * export const databases: readonly DatabaseConfig[] = [{ db: 'data/app.db' }, { name: 'jobs', db: 'data/queue.db' }];
 * ```
 */
export interface DatabaseConfig extends PrivacyConfig {
  /**
   * What it is called, wherever it lies: its backups say it, `--db` takes it. Default: the file's name without folder and extension.
   */
  readonly name?: string;
  /** The database file. */
  readonly db: string;
  /** Folders whose files are saved with this database's rows. */
  readonly files?: readonly (string | FolderConfig)[];
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
  /** The database: a path, a URL or `env:NAME`. Default: what `DATABASE_URL` names, else the one there is. */
  readonly db?: string;
  /**
   * The databases of a project that has several, in place of `db`. The first is kept in `dir`, each other in a folder of its name there. What else is
   * said of tables (`redact`, `keep`, `include`, `exclude`, `fake`) and `files` is about the first; another has its own in its entry.
   */
  readonly databases?: readonly DatabaseConfig[];
  /**
   * Folders whose files are saved with the rows, of one moment, and come back with them: uploads, images. With several databases they belong to
   * the first; another has its own in its entry. One outside of the project is given a name: `{ name: 'uploads', folder: '/data/uploads' }`.
   */
  readonly files?: readonly (string | FolderConfig)[];
  /** How large a file, and all of them, may be. Default: 100 and 1000 megabytes. */
  readonly fileLimits?: FileLimits;
  /** The folder for backups. Default: `backups`. */
  readonly dir?: string;
  /**
   * What this machine is to the data: `development`, `production`, … Default: `ci` where `CI` is set, else what the host it runs on
   * is for, else `NODE_ENV`, else `development`.
   */
  readonly environment?: string;
  /** The share of rows a backup may have lost against the one before. Default: 0.5. */
  readonly maxShrink?: number;
  /**
   * Tables of which any rows may be gone at any time: sessions, caches, queues. Default: tables that are called like such; a list
   * is all that may.
   */
  readonly mayShrink?: readonly string[];
  /** How many backups `prune` keeps, and how many snapshots there are at most. Default: 10 snapshots. */
  readonly retention?: Partial<Retention> & { readonly snapshots?: number };
  /** Tables whose rows do not count as data when boot asks whether the database is empty. */
  readonly ignoreTables?: readonly string[];
  /** How long to wait for a lock, in milliseconds. Default: 5000. */
  readonly wait?: number;
  /** `strict: true` lets a backup that fails stop the commit. Default: the commit goes on, and says so. */
  readonly hook?: { readonly strict?: boolean };
  /** What a start of the app does when something is wrong, and whose backups come first. */
  readonly boot?: BootConfig;
  /**
   * Places that get every backup too, and where a start of the app looks for newer ones: `branch:backups` is a branch of `origin`,
   * `branch:backups?remote=https://…` one of another repository, `folder:/mnt/usb/app` a folder that is there,
   * `gist:you/0123…` a gist, `s3://bucket/prefix?endpoint=https://…` a bucket of Amazon's or of whoever speaks S3,
   * `rclone:dropbox:backups/app` whatever rclone reaches, `mailto:me@example.org?every=7d` a mailbox,
   * `sheets:ID?tables=events` a spreadsheet that shows these tables. Secrets come from the environment alone: a token for
   * a repository belongs in `OVERWINTER_GIT_TOKEN`, the key of a bucket in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
   */
  readonly stores?: readonly string[];
  /**
   * Who hears when backups, copies, restore drills or a restore at the start fail, go out of date, and work again: a monitor (`https://hc-ping.com/…`),
   * `ntfy://ntfy.sh/topic`, `slack:env:NAME`, `discord:env:NAME`, `webhook:https://…`, `mailto:you@example.org`. What is secret stands in
   * variables alone.
   */
  readonly notify?: readonly string[];
  /** Encrypts backups with age. `false` says that they are meant to be plain. Default: plain, as long as no backup is encrypted. */
  readonly encrypt?: EncryptConfig | false;
  /** `allow` saves backups into a repository that everybody can read. Default: it is refused where that is known. */
  readonly publicRemote?: 'allow' | 'refuse';
  /** Registers what the app registers on its own connections: functions, collations, extensions. */
  readonly prepare?: (db: Database) => void;
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

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A line of configuration that somebody may paste: `{ users: { password_hash: '' } }`. */
export function asConfigText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asConfigText).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return membersIn(value, (key) => (IDENTIFIER.test(key) ? key : asConfigText(key)), asConfigText);
}

/** The same for a configuration in JSON: `{ "users": { "password_hash": "" } }`. */
export function asJsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asJsonText).join(', ')}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  return membersIn(value, (key) => JSON.stringify(key), asJsonText);
}

function membersIn(value: unknown, name: (key: string) => string, text: (value: unknown) => string): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${name(key)}: ${text(each)}`)
    .join(', ')} }`;
}
