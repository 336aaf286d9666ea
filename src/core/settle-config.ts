import type { Database } from 'better-sqlite3';
import { checkConfig, oneOf } from './check-config.ts';
import type { BootConfig, Config, EncryptConfig, Environment } from './config.ts';
import { DEFAULT_LIMITS, type FileLimits } from './folders.ts';
import { detectHost, HOSTS, type Host } from './host.ts';
import type { PrivacyConfig } from './privacy/settings.ts';
import { configInvalid } from './problems/settings.ts';
import type { Retention } from './retention.ts';

/** What holds once everything was asked that may say something. */
export interface Settled {
  readonly db: string | undefined;
  readonly dir: string;
  readonly environment: string;
  readonly maxShrink: number;
  readonly mayShrink: readonly string[] | undefined;
  readonly retention: Retention;
  readonly snapshots: number;
  readonly ignoreTables: readonly string[];
  readonly wait: number;
  readonly hook: { readonly strict: boolean };
  readonly boot: BootConfig;
  readonly stores: readonly string[];
  readonly notify: readonly string[];
  readonly encrypt: EncryptConfig | false | undefined;
  /** What backups leave out. */
  readonly privacy: PrivacyConfig;
  readonly fileLimits: Required<FileLimits>;
  readonly publicRemote: 'allow' | 'refuse';
  /** What this runs on; undefined on an ordinary machine. */
  readonly host: Host | undefined;
  readonly prepare: ((db: Database) => void) | undefined;
}

/** The settings that the environment makes. Throws CONFIG_INVALID for a number that is none. */
export function configFromEnvironment(env: Environment): Config {
  const { OVERWINTER_HOST: host = '' } = env;
  if (host !== '' && host !== 'none') {
    const fault = oneOf(...HOSTS, 'none')(host.toLowerCase());
    if (fault !== undefined)
      throw configInvalid('the environment (OVERWINTER_…)', `has an OVERWINTER_HOST that cannot be: it ${fault}`)();
  }
  // Number('') is 0: a variable that is merely there would keep no snapshots and wait for nobody.
  const number = (value = '') => (value.trim() === '' ? undefined : Number(value));
  const snapshots = number(env.OVERWINTER_SNAPSHOTS);
  const config = {
    db: env.OVERWINTER_DB,
    dir: env.OVERWINTER_DIR,
    environment: env.OVERWINTER_ENVIRONMENT,
    stores: listed(env.OVERWINTER_STORES),
    notify: listed(env.OVERWINTER_NOTIFY),
    maxShrink: number(env.OVERWINTER_MAX_SHRINK),
    retention: snapshots === undefined ? undefined : { snapshots },
    wait: number(env.OVERWINTER_WAIT),
  };
  const set = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== ''));
  return checkConfig('the environment (OVERWINTER_…)', set);
}

/** An empty variable counts as unset. */
const listed = (value = '') => (value.trim() === '' ? undefined : value.trim().split(/\s+/));

const DEFAULT_RETENTION: Retention = { last: 10, daily: 7, weekly: 4, monthly: 12 };
const DEFAULT_SNAPSHOTS = 10;

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
  const kept = { ...DEFAULT_RETENTION, ...file.retention, ...environment.retention, ...flags.retention };
  const { snapshots = DEFAULT_SNAPSHOTS, ...retention } = kept;
  return {
    db: first('db'),
    dir: first('dir') ?? 'backups',
    environment: first('environment') ?? usualEnvironment(env, host),
    maxShrink: first('maxShrink') ?? 0.5,
    mayShrink: first('mayShrink'),
    retention,
    snapshots,
    ignoreTables: first('ignoreTables') ?? [],
    wait: first('wait') ?? 5000,
    hook: { strict: first('hook')?.strict ?? false },
    boot: { ...file.boot, ...environment.boot, ...flags.boot },
    stores: first('stores') ?? [],
    notify: first('notify') ?? [],
    encrypt: first('encrypt'),
    privacy: privacyOf(file),
    fileLimits: { ...DEFAULT_LIMITS, ...file.fileLimits, ...flags.fileLimits },
    publicRemote: first('publicRemote') ?? 'refuse',
    host,
    prepare: first('prepare'),
  };
}

/** Only a file can say it: what a backup leaves out is not to depend on who makes it. */
export function privacyOf({ redact, keep, include, exclude, fake }: PrivacyConfig): PrivacyConfig {
  return {
    ...(redact === undefined ? {} : { redact }),
    ...(keep === undefined ? {} : { keep }),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(fake === undefined ? {} : { fake }),
  };
}

/** Builds run on hosts too, and what they save is not the app's data: so CI comes first. */
function usualEnvironment(env: Environment, host: Host | undefined): string {
  if (env.CI && env.CI !== 'false' && env.CI !== '0') return 'ci';
  return host?.environment ?? (env.NODE_ENV || 'development');
}
