import { expect, test } from 'vitest';
import { checkConfig } from '../../src/core/check-config.ts';
import { nearest } from '../../src/core/nearest.ts';
import { configFromEnvironment, settle } from '../../src/core/settle-config.ts';

test('a flag wins over the environment, the environment over the file, the file over the default', () => {
  const settled = settle(
    { db: 'flag.db' },
    { db: 'env.db', dir: 'env' },
    { db: 'file.db', dir: 'file', snapshots: 3 },
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

test('retention is set number by number', () => {
  expect(settle({}, {}, { retention: { last: 3 } }, {}).retention).toEqual({
    last: 3,
    daily: 7,
    weekly: 4,
    monthly: 12,
  });
});

test('the environment is named by whoever names it first', () => {
  expect(settle({}, {}, {}, { NODE_ENV: 'production' }).environment).toBe('production');
  expect(settle({}, {}, {}, { NODE_ENV: 'production', CI: 'true' }).environment).toBe('ci');
  expect(settle({}, { environment: 'staging' }, {}, { CI: 'true' }).environment).toBe('staging');
});

test.each([
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
  [{ include: { users: 'active = 1) OR (1' } }, 'must be one condition in SQL'],
  [{ include: { users: "name = ')'; DROP TABLE users" } }, 'must be one condition in SQL'],
  [{ include: { users: 'active = 1 -- or not' } }, 'must be one condition in SQL'],
  [{ exclude: { users: 'all' } }, 'must be one of: rows, whole'],
  [{ exlude: {} }, "did you mean 'exclude'?"],
  [[], 'is no object'],
  [JSON.parse('{"__proto__": {}}'), "has '__proto__', which is no setting"],
  [{ constructor: 1 }, "has 'constructor', which is no setting"],
])('%j is refused', (config, why) => {
  expect(() => checkConfig('overwinter.config.ts', config)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) }),
  );
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

test('a word that resembles none is not guessed', () => {
  expect(nearest('snapshts', ['snapshots', 'retention'])).toBe('snapshots');
  expect(nearest('colour', ['snapshots', 'retention'])).toBeUndefined();
});
