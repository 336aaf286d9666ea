import { expect, test } from 'vitest';
import { encodeBech32 } from '../../src/core/bech32.ts';
import { checkConfig } from '../../src/core/check-config.ts';
import type { Config } from '../../src/core/config.ts';
import { nearest } from '../../src/core/nearest.ts';
import { configFromEnvironment, settle } from '../../src/core/settle-config.ts';

test('a flag wins over the environment, the environment over the file, the file over the default', () => {
  const settled = settle(
    { db: 'flag.db' },
    { db: 'env.db', dir: 'env' },
    { db: 'file.db', dir: 'file', retention: { snapshots: 3 } },
    {},
  );
  expect(settled).toMatchObject({
    db: 'flag.db',
    dir: 'env',
    snapshots: 3,
    maxShrink: 0.5,
    environment: 'development',
  });
});

const DEFAULTS = {
  db: undefined,
  dir: 'backups',
  environment: 'development',
  maxShrink: 0.5,
  mayShrink: undefined,
  retention: { last: 10, daily: 7, weekly: 4, monthly: 12 },
  snapshots: 10,
  ignoreTables: [],
  wait: 5000,
  fileLimits: { file: 100, all: 1000 },
  hook: { strict: false },
  boot: {},
  stores: [],
  notify: [],
  encrypt: undefined,
  privacy: {},
  publicRemote: 'refuse',
  host: undefined,
  prepare: undefined,
};

test('where nobody says anything, everything has a default', () => {
  expect(settle({}, {}, {}, {})).toStrictEqual(DEFAULTS);
});

test.each<[Config, Config]>([
  [{ db: 'a.db' }, { db: 'b.db' }],
  [{ dir: 'a' }, { dir: 'b' }],
  [{ environment: 'a' }, { environment: 'b' }],
  [{ maxShrink: 0 }, { maxShrink: 1 }],
  [{ mayShrink: [] }, { mayShrink: ['a'] }],
  [{ ignoreTables: [] }, { ignoreTables: ['a'] }],
  [{ wait: 0 }, { wait: 1 }],
  [{ hook: { strict: false } }, { hook: { strict: true } }],
  [{ hook: { strict: true } }, { hook: { strict: false } }],
  [{ stores: [] }, { stores: ['branch:a'] }],
  [{ notify: [] }, { notify: ['ntfy://ntfy.sh/a'] }],
  [{ stores: ['branch:a', 'folder:b'] }, { stores: ['branch:b'] }],
  [{ encrypt: false }, { encrypt: { passphrase: true } }],
  [{ publicRemote: 'allow' }, { publicRemote: 'refuse' }],
  [{ prepare: () => undefined }, { prepare: () => undefined }],
])('%j goes before %j, and the flag before the environment before the file', (first, second) => {
  const settled = { ...DEFAULTS, ...first };
  expect(settle(first, second, second, {})).toStrictEqual(settled);
  expect(settle({}, first, second, {})).toStrictEqual(settled);
  expect(settle({}, {}, first, {})).toStrictEqual(settled);
});

test('what a start does is said word by word', () => {
  const settled = settle(
    { boot: { from: 'flag' } },
    { boot: { from: 'environment', onFailure: 'fail' } },
    { boot: { from: 'file', onFailure: 'start-empty', onCorrupt: 'restore' } },
    {},
  );
  expect(settled.boot).toEqual({ from: 'flag', onFailure: 'fail', onCorrupt: 'restore' });
});

test('what is left out is said by the file alone', () => {
  const said = { redact: { a: ['x'] }, keep: { a: ['x'] }, include: { a: '1' }, exclude: { a: 'rows' } } as const;
  expect(settle(said, said, {}, {}).privacy).toStrictEqual({});
  for (const [key, value] of Object.entries(said))
    expect(settle({}, {}, { [key]: value }, {}).privacy).toStrictEqual({ [key]: value });
});

test('retention is set number by number', () => {
  expect(settle({}, {}, { retention: { last: 3 } }, {}).retention).toEqual({
    last: 3,
    daily: 7,
    weekly: 4,
    monthly: 12,
  });
  const settled = settle({ retention: { daily: 1 } }, {}, { retention: { last: 3, daily: 2 } }, {});
  expect(settled.retention).toEqual({ last: 3, daily: 1, weekly: 4, monthly: 12 });
  const fewer = settle({}, { retention: { snapshots: 2 } }, { retention: { last: 3, snapshots: 5 } }, {});
  expect(fewer).toMatchObject({ snapshots: 2, retention: { last: 3, daily: 7 } });
  expect(fewer.retention).not.toHaveProperty('snapshots');
});

test('the environment is named by whoever names it first', () => {
  expect(settle({}, {}, {}, { NODE_ENV: 'production' }).environment).toBe('production');
  expect(settle({}, {}, {}, { NODE_ENV: 'production', CI: 'true' }).environment).toBe('ci');
  expect(settle({}, { environment: 'staging' }, {}, { CI: 'true' }).environment).toBe('staging');
});

const KEY = encodeBech32('age', new Uint8Array(32));

test.each<object>([
  {},
  { db: undefined },
  { db: 'a.db', dir: 'b', environment: 'c', stores: ['branch:d'] },
  { maxShrink: 0, retention: { snapshots: 0 }, wait: 0 },
  { maxShrink: 1, retention: { snapshots: 3 }, wait: 2 ** 40 },
  { retention: {} },
  { retention: { last: 0, daily: 1, weekly: 2, monthly: 3 } },
  { stores: [] },
  { stores: ['branch:a', 'folder:b'] },
  { ignoreTables: [] },
  { ignoreTables: ['a', ''] },
  { hook: {} },
  { hook: { strict: true } },
  { boot: { onCorrupt: 'fail', onFailure: 'start-empty', from: 'x' } },
  { boot: { onCorrupt: 'restore', onFailure: 'fail' } },
  { encrypt: false },
  { encrypt: { passphrase: true } },
  { encrypt: { recipients: [KEY] } },
  { encrypt: { recipients: [KEY, KEY], passphrase: false } },
  { redact: {}, keep: {}, include: {}, exclude: {} },
  { redact: { a: [], b: ['x'], c: {}, d: { x: null, y: 'x'.repeat(1000), z: -1.5, o: 0 } } },
  { keep: { a: [] }, include: { a: ' x = 1 ' }, exclude: { a: 'rows', b: 'whole' } },
  { publicRemote: 'allow' },
  { publicRemote: 'refuse' },
  { prepare: () => undefined },
])('%o may be said', (config) => {
  expect(checkConfig('overwinter.config.ts', config)).toBe(config);
});

test.each<[unknown, string]>([
  [{ maxShrnk: 0.5 }, "did you mean 'maxShrink'?"],
  [{ retention: 3 }, 'must be an object'],
  [{ retention: null }, 'must be an object'],
  [{ hook: true }, 'must be an object'],
  [{ redact: null }, 'must be an object'],
  [{ include: 'active = 1' }, 'must be an object'],
  [{ databse: 'x' }, "has 'databse', which is no setting"],
  [{ retention: { dayly: 3 } }, "did you mean 'daily'?"],
  [{ maxShrink: 5 }, 'must be a number from 0 to 1'],
  [{ db: '' }, 'must be text'],
  [{ wait: 1.5 }, 'must be a whole number'],
  [{ ignoreTables: 'migrations' }, 'must be a list of names'],
  [{ redact: ['users'] }, "must be an object, as in { users: ['ssn'] }"],
  [{ redact: { users: 'ssn' } }, "is wrong for 'users': it must be a list of names"],
  [{ redact: { users: { ssn: true } } }, 'must be short text, a number or null'],
  [{ keep: { users: { ssn: 1 } } }, 'must be a list of names'],
  [{ include: { users: ' ' } }, 'must be one condition in SQL'],
  [{ exclude: { users: 'all' } }, 'must be one of: rows, whole'],
  [{ exlude: {} }, "did you mean 'exclude'?"],
  [{ db: 1 }, "has a 'db' that cannot be: it must be text"],
  [{ db: null }, 'must be text'],
  [{ maxShrink: -0.1 }, 'must be a number from 0 to 1'],
  [{ maxShrink: '0.5' }, 'must be a number from 0 to 1'],
  [{ maxShrink: Number.NaN }, 'must be a number from 0 to 1'],
  [{ wait: -1 }, 'must be a whole number'],
  [{ wait: '1' }, 'must be a whole number'],
  [{ retention: { snapshots: Number.POSITIVE_INFINITY } }, 'must be a whole number'],
  [{ ignoreTables: ['a', 1] }, 'must be a list of names'],
  [{ retention: { last: -1 } }, "has a 'retention' that cannot be: it has a 'last' that cannot be: it must be a whole"],
  [{ hook: null }, 'must be an object'],
  [{ hook: { strict: 'yes' } }, 'must be true or false'],
  [{ hook: { strikt: true } }, "did you mean 'strict'?"],
  [{ boot: 'fail' }, 'must be an object'],
  [{ boot: null }, 'must be an object'],
  [{ boot: { onCorrupt: 'start-empty' } }, 'must be one of: fail, restore'],
  [{ boot: { onFailure: 'restore' } }, 'must be one of: fail, start-empty'],
  [{ boot: { from: '' } }, "has a 'from' that cannot be: it must be text"],
  [{ boot: { from: 1 } }, "has a 'from' that cannot be: it must be text"],
  [{ boot: { onCorupt: 'fail' } }, "did you mean 'onCorrupt'?"],
  [{ encrypt: true }, "must be { recipients: ['age1…'] }, or false"],
  [{ encrypt: null }, "must be { recipients: ['age1…'] }, or false"],
  [{ encrypt: {} }, 'must name somebody who can open it'],
  [{ encrypt: { recipients: [] } }, 'must name somebody who can open it'],
  [{ encrypt: { passphrase: false } }, 'must name somebody who can open it'],
  [{ encrypt: { passphrase: 'hunter2' } }, 'must be true or false'],
  [{ encrypt: { recipient: [KEY] } }, "did you mean 'recipients'?"],
  [{ encrypt: { recipients: KEY } }, "must be a list like ['age1…']"],
  [{ encrypt: { recipients: [KEY, 'age1x'] } }, 'must be a list of age1…, and number 2 of it is none or mistyped'],
  [{ encrypt: { recipients: [1] } }, 'number 1 of it is none or mistyped'],
  [{ redact: { users: 1 } }, 'must be a list of names'],
  [{ redact: { users: { a: null, b: 'x'.repeat(1001) } } }, 'must be short text, a number or null'],
  [{ redact: { users: { a: 'x\0' } } }, 'must be short text, a number or null'],
  [{ redact: { users: { a: '\ud800' } } }, 'must be short text, a number or null'],
  [{ redact: { users: { a: Number.NaN } } }, 'must be short text, a number or null'],
  [{ redact: { users: { a: -0 } } }, 'must be short text, a number or null'],
  [{ redact: { users: { a: undefined } } }, 'must be short text, a number or null'],
  [{ include: { users: '' } }, 'must be one condition in SQL'],
  [{ include: { users: ' \n' } }, 'must be one condition in SQL'],
  [{ include: { users: 1 } }, "is wrong for 'users': it must be one condition in SQL, as in { users: 'active = 1' }"],
  [{ exclude: [] }, "must be an object, as in { sessions: 'rows' }"],
  [{ exclude: { a: 'rows', b: null } }, "is wrong for 'b': it must be one of: rows, whole"],
  [
    { fake: { customers: { email: 'email', phone: 'fone' } } },
    "it says 'fone' of customers.phone; did you mean 'phone'?",
  ],
  [{ fake: { users: { a: 'kep' } } }, "it says 'kep' of users.a; did you mean 'keep'?"],
  [
    { fake: { users: { a: 'hexadecimal' } } },
    "says 'hexadecimal' of users.a, which must be null, 'keep', or one of: name,",
  ],
  [{ fake: { users: { a: null, b: 3 } } }, 'says something else of users.b, which must be null'],
  [{ fake: { users: { a: 'x'.repeat(31) } } }, 'says something else of users.a, which must be null'],
  [{ fake: { users: {}, sessions: 'emty' } }, "it says 'emty' of sessions; did you mean 'empty'?"],
  [{ fake: { users: 'email' } }, "it says 'email' of users, which must be columns or 'empty', as in { users:"],
  [{ fake: { users: ['email'] } }, 'says something else of users, which must be columns'],
  [{ fake: null }, "must be an object, as in { users: { email: 'email' }, sessions: 'empty' }"],
  [{ databases: [{ db: 'a.db', fake: { u: { a: 'fone' } } }] }, "it says 'fone' of u.a; did you mean 'phone'?"],
  [{ publicRemote: 'yes' }, 'must be one of: allow, refuse'],
  [{ prepare: 'prepare.ts' }, 'must be a function'],
  [{ xyzzy: 1 }, "The configuration in overwinter.config.ts has 'xyzzy', which is no setting."],
  [[], 'is no object'],
  [null, 'is no object'],
  ['x.db', 'is no object'],
  [undefined, 'is no object'],
  [JSON.parse('{"__proto__": {}}'), "has '__proto__', which is no setting"],
  [{ constructor: 1 }, "has 'constructor', which is no setting"],
])('%j is refused', (config, why) => {
  expect(() => checkConfig('overwinter.config.ts', config)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) }),
  );
});

test('a question ends as one', () => {
  expect(() => checkConfig('overwinter.config.ts', { retentoin: {} })).toThrow(/; did you mean 'retention'\?$/);
});

test('what a project says about its privacy is kept as it is', () => {
  const said = {
    redact: { users: { name: 'someone', ssn: null, age: 0 }, orders: ['note'] },
    keep: { files: ['hash'] },
    include: { users: "name <> ')' AND (active = 1 OR name IN ('a', 'b'))" },
    exclude: { sessions: 'rows', cache: 'whole' },
  };
  const config = checkConfig('overwinter.config.ts', { db: 'x.db', ...said });
  expect(settle({}, {}, config, {}).privacy).toEqual(said);
});

test('numbers in the environment must be numbers', () => {
  expect(configFromEnvironment({ OVERWINTER_DB: 'a.db', OVERWINTER_WAIT: '100', PATH: '/bin' })).toEqual({
    db: 'a.db',
    wait: 100,
  });
  expect(() => configFromEnvironment({ OVERWINTER_WAIT: 'soon' })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});

test('what is wrong is not repeated where it may be a secret', () => {
  for (const config of [
    { encrypt: { recipients: ['AGE-SECRET-KEY-1HUNTER2'] } },
    { encrypt: { passphrase: 'HUNTER2' } },
    { stores: ['branch:HUNTER2', 'branch:HUNTER2'] },
  ])
    expect(() => checkConfig('overwinter.config.ts', config)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('HUNTER2') }),
    );
});

test('every variable is a setting, and an empty one is none', () => {
  const env = {
    OVERWINTER_DB: 'a.db',
    OVERWINTER_DIR: 'b',
    OVERWINTER_ENVIRONMENT: 'c',
    OVERWINTER_STORES: ' branch:d  folder:e\n',
    OVERWINTER_MAX_SHRINK: '0.25',
    OVERWINTER_SNAPSHOTS: '0',
    OVERWINTER_WAIT: '100',
  };
  expect(configFromEnvironment(env)).toStrictEqual({
    db: 'a.db',
    dir: 'b',
    environment: 'c',
    stores: ['branch:d', 'folder:e'],
    maxShrink: 0.25,
    retention: { snapshots: 0 },
    wait: 100,
  });
  expect(configFromEnvironment(Object.fromEntries(Object.keys(env).map((name) => [name, ''])))).toStrictEqual({});
  expect(configFromEnvironment({ OVERWINTER_WAIT: ' ' })).toStrictEqual({});
  expect(configFromEnvironment({ OVERWINTER_HOST: '' })).toStrictEqual({});
});

test('a word that resembles none is not guessed', () => {
  expect(nearest('snapshts', ['snapshots', 'retention'])).toBe('snapshots');
  expect(nearest('colour', ['snapshots', 'retention'])).toBeUndefined();
});
