import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chainOf } from '../../../src/core/chain/chain.ts';
import type { ChainFacts, GitFacts, NewestFacts, RepositoryFacts } from '../../../src/core/chain/facts.ts';

const NEWEST: NewestFacts = {
  name: 'backup_b',
  date: '2026-11-20T10:00:00.000Z',
  rows: 12,
  environment: 'production',
  database: { kind: 'same' },
  files: { kind: 'intact' },
  drill: { date: '2026-11-20T11:00:00.000Z', ok: true },
};

const REPOSITORY: RepositoryFacts = {
  kind: 'repository',
  folder: 'backups',
  branch: 'main',
  ignored: false,
  committed: true,
  lastCommitted: NEWEST,
  hasSome: true,
  remotes: ['origin'],
  upstream: 'origin/main',
  pushedTo: 'origin/main',
  lastPushed: NEWEST,
};

const GREEN: ChainFacts = {
  now: new Date('2026-11-20T12:00:00Z'),
  database: { kind: 'rows', rows: 12, cannotBeSaved: undefined },
  store: { trouble: undefined, newest: NEWEST, unreadable: [], pointer: undefined, fromTheFuture: [], aside: [] },
  hold: undefined,
  attempt: undefined,
  git: REPOSITORY,
  copies: [],
  host: undefined,
  boot: {
    now: 'leave the database as it is',
    refuses: false,
    ifLost: { kind: 'restore', name: 'backup_b', environment: 'production', sameAsNewest: true },
  },
};

const trouble = { text: 'It does not work.' };
const newest = (facts: ChainFacts, change: Partial<NewestFacts>): ChainFacts => ({
  ...facts,
  store: { ...facts.store, newest: { ...NEWEST, ...facts.store.newest, ...change } },
});
const git = (facts: ChainFacts, change: Partial<RepositoryFacts>): ChainFacts => ({
  ...facts,
  git: facts.git.kind === 'repository' ? { ...facts.git, ...change } : facts.git,
});
const without = (facts: ChainFacts, there: GitFacts): ChainFacts => ({ ...facts, git: there });

/** Each of them alone is enough for a light that is not green. */
const SPOILERS: Readonly<Record<string, (facts: ChainFacts) => ChainFacts>> = {
  'a database that cannot be read': (facts) => ({ ...facts, database: { kind: 'unreadable', trouble } }),
  'a missing database': (facts) => ({
    ...facts,
    database: { kind: 'empty', why: 'the database is missing', cannotBeSaved: undefined },
  }),
  'settings that cannot be': (facts) => ({ ...facts, database: { kind: 'rows', rows: 12, cannotBeSaved: trouble } }),
  'a store that cannot be read': (facts) => ({ ...facts, store: { ...facts.store, trouble } }),
  'no backup': (facts) => ({ ...facts, store: { ...facts.store, newest: undefined } }),
  'a backup that cannot be read': (facts) => ({ ...facts, store: { ...facts.store, unreadable: ['It is half.'] } }),
  'a pointer that is wrong': (facts) => ({ ...facts, store: { ...facts.store, pointer: 'the pointer is missing' } }),
  'one that was refused is kept aside': (facts) => ({ ...facts, store: { ...facts.store, aside: ['conflict_b'] } }),
  'one that the newest does not go on from': (facts) => ({
    ...facts,
    store: { ...facts.store, passedOver: { name: 'backup_a', since: 'backup_0' } },
  }),
  'a folder of backups that cannot be written': (facts) => ({
    ...facts,
    store: { ...facts.store, notWritable: trouble },
  }),
  'a place of the database that cannot be written': (facts) => ({
    ...facts,
    boot: { ...facts.boot, notWritable: trouble },
  }),
  'a clock of the future': (facts) => ({ ...facts, store: { ...facts.store, fromTheFuture: ['backup_b'] } }),
  'a hold': (facts) => ({ ...facts, hold: trouble }),
  'a failed attempt': (facts) => ({
    ...facts,
    attempt: { ...trouble, time: '2026-11-20T11:30:00.000Z', trigger: 'keep', refused: false },
  }),
  'rows in no backup': (facts) => newest(facts, { database: { kind: 'changed', more: new Map([['t', 1]]) } }),
  'a newer backup': (facts) => newest(facts, { database: { kind: 'behind', from: { name: 'a', date: NEWEST.date } } }),
  'nobody having looked': (facts) => newest(facts, { database: { kind: 'unknown' } }),
  'a damaged part': (facts) => newest(facts, { files: { kind: 'damaged', what: 'parts', trouble } }),
  'parts that were written to': (facts) => newest(facts, { files: { kind: 'there' } }),
  'no drill': (facts) => newest(facts, { drill: undefined }),
  'a failed drill': (facts) => newest(facts, { drill: { date: NEWEST.date, ok: false } }),
  'no repository': (facts) => without(facts, { kind: 'none' }),
  'no git': (facts) => without(facts, { kind: 'unknown', trouble }),
  'ignored backups': (facts) => git(facts, { ignored: true }),
  'no commit': (facts) => git(facts, { committed: false, pushedTo: undefined }),
  'no push': (facts) => git(facts, { pushedTo: undefined }),
  'no remote': (facts) => git(facts, { remotes: [], upstream: undefined, pushedTo: undefined }),
  'a copy that failed': (facts) => ({
    ...facts,
    copies: [
      {
        label: 'the branch live',
        isNewest: false,
        last: undefined,
        failure: { ...trouble, since: '2026-11-20T10:00:00Z' },
      },
    ],
  }),
  'a copy that is not there yet, although it was pushed': (facts) => ({
    ...facts,
    copies: [{ label: 'a bucket', isNewest: false, last: undefined, failure: undefined }],
  }),
  'a start that refuses': (facts) => ({ ...facts, boot: { ...facts.boot, now: 'refuse to start', refuses: true } }),
  'nothing to boot from': (facts) => ({ ...facts, boot: { ...facts.boot, ifLost: { kind: 'nothing' } } }),
  "another environment's backup": (facts) => ({
    ...facts,
    boot: {
      ...facts.boot,
      ifLost: { kind: 'restore', name: 'backup_a', environment: 'development', sameAsNewest: false },
    },
  }),
  'a key that is not here': (facts) => ({
    ...facts,
    boot: { ...facts.boot, ifLost: { kind: 'fail', trouble, shut: true } },
  }),
};

const names = Object.keys(SPOILERS);

test('green exactly if nothing speaks against it', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(names), (spoilers) => {
      const facts = spoilers.reduce((found, name) => SPOILERS[name]?.(found) ?? found, GREEN);
      const { light, steps, first } = chainOf(facts);
      expect(light === 'green').toBe(spoilers.length === 0);
      expect(first === undefined).toBe(light === 'green');
      for (const step of steps) {
        expect(step.text).not.toBe('');
        expect(step.cause === undefined).toBe(step.light === 'green');
      }
    }),
  );
});

test.each(names)('%s is not green', (name) => {
  expect(chainOf(SPOILERS[name]?.(GREEN) ?? GREEN).light).not.toBe('green');
});

test('where the backups are brought to another place there need be no repository', () => {
  const copies = [{ label: 'the branch live', isNewest: true, last: NEWEST, failure: undefined }];
  expect(chainOf({ ...GREEN, git: { kind: 'none' }, copies }).light).toBe('green');
  const behind = copies.map((copy) => ({ ...copy, isNewest: false }));
  expect(chainOf({ ...GREEN, git: { kind: 'none' }, copies: behind }).light).toBe('yellow');
});

test('what is only on a host that forgets is red, and what was pushed from it is not', () => {
  const host = { name: 'Heroku', forgets: true };
  expect(chainOf({ ...git(GREEN, { pushedTo: undefined }), host }).light).toBe('red');
  expect(chainOf({ ...GREEN, host }).light).toBe('green');
});
