import { recipientKey } from './age-keys.ts';
import { readAlarmAddress } from './alarms/address.ts';
import type { BootConfig, Config, DatabaseConfig, EncryptConfig } from './config.ts';
import { type FileLimits, FOLDERS_EXAMPLE, type FolderConfig } from './folders.ts';
import { faultInDatabaseName, usualName } from './identity.ts';
import { nearest } from './nearest.ts';
import { faultInFakes } from './privacy/fake-kinds.ts';
import type { PrivacyConfig } from './privacy/settings.ts';
import { configInvalid } from './problems/settings.ts';
import type { Retention } from './retention.ts';

/** What is wrong with a value, as the end of a sentence; undefined if nothing is. */
type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be text');
const share: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'must be a number from 0 to 1';
const whole: Check = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? undefined : 'must be a whole number';
const names: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'must be a list of names';
const addresses: Check = (value) =>
  names(value) ?? (new Set(Object(value)).size < Object(value).length ? 'must name each store once' : undefined);
const alarms: Check = (value) => {
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) return 'must be a list of addresses';
  if (new Set(value).size < value.length) return 'must name each receiver once';
  for (const [at, each] of value.entries()) {
    const read = readAlarmAddress(each);
    // It is not repeated: somebody may have put a secret there.
    if ('fault' in read) return `is wrong: number ${at + 1} of it ${read.fault}`;
  }
  return undefined;
};
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const callable: Check = (value) => (typeof value === 'function' ? undefined : 'must be a function');

const RETENTION: Record<keyof Retention | 'snapshots', Check> = {
  last: whole,
  daily: whole,
  weekly: whole,
  monthly: whole,
  snapshots: whole,
};

const retention: Check = (value) => {
  if (typeof value !== 'object' || value === null) return 'must be an object';
  return faultIn(value, RETENTION);
};

const hook: Check = (value) => {
  if (typeof value !== 'object' || value === null) return 'must be an object';
  return faultIn(value, { strict: flag });
};

export const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.some((word) => word === value) ? undefined : `must be one of: ${words.join(', ')}`;

const BOOT: Record<keyof BootConfig, Check> = {
  onCorrupt: oneOf('fail', 'restore'),
  onFailure: oneOf('fail', 'start-empty'),
  from: text,
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
  compress: flag,
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
  typeof value === 'string' && value.trim() !== '' ? undefined : 'must be one condition in SQL';

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

const PRIVACY: Record<keyof PrivacyConfig, Check> = {
  redact: byTable(redactions, "{ users: ['ssn'] } or { users: { ssn: 'none' } }"),
  keep: byTable(names, "{ files: ['hash'] }"),
  include: byTable(condition, "{ users: 'active = 1' }"),
  exclude: byTable(oneOf('rows', 'whole'), "{ sessions: 'rows' }"),
  fake: faultInFakes,
};

const folders: Check = (value) => {
  const example = `as in ${FOLDERS_EXAMPLE}`;
  if (!Array.isArray(value)) return `must be a list of folders, ${example}`;
  const isNamed = (each: unknown) =>
    isObject(each) && faultIn(each, FOLDER) === undefined && Object.keys(each).length === 2;
  const wrong = value.findIndex((each) => text(each) !== undefined && !isNamed(each));
  if (wrong === -1) return undefined;
  return `must be a list of folders, ${example}, and number ${wrong + 1} is none; one that lies elsewhere is { name: 'uploads', folder: '/data/uploads' }`;
};

const FOLDER: Record<keyof FolderConfig, Check> = { name: text, folder: text };

const megabytes: Check = (value) =>
  typeof value === 'number' && value > 0 && value <= 1_000_000 ? undefined : 'must be a number of megabytes';

const FILE_LIMITS: Record<keyof FileLimits, Check> = { file: megabytes, all: megabytes };

const fileLimits: Check = (value) =>
  isObject(value) ? faultIn(value, FILE_LIMITS) : 'must be an object, as in { file: 200, all: 2000 }';

const DATABASE: Record<keyof DatabaseConfig, Check> = {
  name: (value) => (typeof value === 'string' ? faultInDatabaseName(value) : 'must be text'),
  db: text,
  files: folders,
  ...PRIVACY,
};

const databases: Check = (value) => {
  if (!Array.isArray(value) || value.length === 0) return `must be a list, as in ${DATABASES}`;
  for (const each of value) {
    if (!isObject(each) || !('db' in each)) return `must name a file in each entry, as in ${DATABASES}`;
    const fault = faultIn(each, DATABASE);
    if (fault !== undefined) return `holds an entry that ${fault}`;
  }
  const named: readonly DatabaseConfig[] = value;
  const taken = named.map(({ name, db }) => (name ?? usualName(db)).toLowerCase());
  const twice = named.find((_, at) => taken.indexOf(taken[at] ?? '') !== at);
  if (twice === undefined) return undefined;
  return `names two '${twice.name ?? usualName(twice.db)}': give one of them another, as in { name: '${usualName(twice.db)}-2', db: '${twice.db}' }`;
};

const DATABASES = "[{ db: 'data/app.db' }, { name: 'jobs', db: 'data/jobs.db' }]";

const KEYS: Record<keyof Config, Check> = {
  db: text,
  databases,
  files: folders,
  fileLimits,
  dir: text,
  environment: text,
  maxShrink: share,
  mayShrink: names,
  retention,
  ignoreTables: names,
  wait: whole,
  hook,
  boot,
  stores: addresses,
  notify: alarms,
  encrypt,
  ...PRIVACY,
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
  const { db, databases: several }: Config = value;
  if (db !== undefined && several !== undefined)
    throw configInvalid(where, "has both 'db' and 'databases': put the one into the other")();
  return value;
}
