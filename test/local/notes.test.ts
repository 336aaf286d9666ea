import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reasonOf } from '../../src/core/errors.ts';
import { failedAttempt, forgetFailure, noteFailure } from '../../src/local/attempt.ts';
import { knownCopy, noteCopied, noteNotCopied } from '../../src/local/copied.ts';
import { drillsOf, noteDrill } from '../../src/local/drills.ts';
import { forgetEpoch, type KnownEpoch, recallEpoch, rememberEpoch } from '../../src/local/epochs.ts';
import { noteKnown, recallKnown } from '../../src/local/known-rows.ts';
import { forgetLineage, lineageOf, lineageTo, noteLineage } from '../../src/local/lineage.ts';
import { readNote, writeNote } from '../../src/local/notes.ts';
import { forgetPassedOver, notePassedOver, passedOverIn } from '../../src/local/passed-over.ts';
import { forgetPlacing, isPlacing, notePlacing, type Placing, placingOf } from '../../src/local/placing.ts';
import { knownVisibility, rememberReaders, remembersReaders, visibilityInEvent } from '../../src/local/readers.ts';
import { readReadingNotes, removeReadingNotes, writeReadingNotes } from '../../src/local/reading-notes.ts';
import { noteWhole, wholeFiles } from '../../src/local/whole-files.ts';
import { scratch } from '../support/scratch.ts';

const here = () => join(scratch(), '.overwinter');

const KNOWN = { date: '2026-01-01T00:00:00.000Z', rows: new Map([['notes', 3]]), memory: new Map() };
const EPOCH: KnownEpoch = { secret: 's', recipients: ['age1x'], content: 'c', files: [['a', 'b', 3]] };
const PLACING: Placing = { database: 'before', staging: { uploads: '.staging' }, files: [[0, 'uploads/a.png', true]] };

/** Everything that is noted: how, and how it is known again. */
const NOTES: readonly (readonly [string, (local: string) => void, (local: string) => unknown])[] = [
  ['a failed attempt', (local) => fail(local, 'STORE_FAILED'), (local) => failedAttempt(local, 'db')],
  [
    'a copy elsewhere',
    (local) => noteCopied(local, 's', 'p', 'n', new Date(0)),
    (local) => knownCopy(local, 's', 'p').name,
  ],
  ['a drill', (local) => noteDrill(local, 's', 'd', { date: 'then', ok: true }), (local) => drillsOf(local, 's').d],
  ['an epoch', (local) => rememberEpoch(local, 's', EPOCH), (local) => recallEpoch(local, 's')],
  ['rows', (local) => noteKnown(local, 's', 'd', KNOWN), (local) => recallKnown(local, 's', 'd')],
  ['a lineage', (local) => noteLineage(local, 'db', lineage('x')), (local) => lineageOf(local, 'db')],
  ['files to be placed', (local) => notePlacing(local, 'db', PLACING), (local) => placingOf(local, 'db')],
  ['who reads', (local) => rememberReaders(local, 'r', 'anyone'), (local) => knownVisibility(local, 'r')],
  ['a reading', (local) => writeReadingNotes(local, 'k', reading()), (local) => readReadingNotes(local, 'k')],
  ['whole files', (local) => noteWhole(local, 's', 'd', 'f'), (local) => wholeFiles(local, 's', 'd')],
];

const fail = (local: string, code: 'STORE_FAILED' | 'BUSY') =>
  noteFailure(
    local,
    'db',
    { code, message: 'It failed.', hint: 'Try.', hintPieces: ['Try.'] },
    { time: new Date(0), trigger: 'keep', refused: true },
  );
const CONTENT = 'hmac-sha256:c';
const lineage = (stamp: string | undefined) => lineageTo('n', { backup_date: 'then', content: CONTENT }, stamp);
const reading = () => ({ of: 'd', runs: 2, notes: Buffer.from('\n{"a":1}\n') });

/** The one file that was noted, rewritten. */
function rewrite(local: string, change: (text: string) => string): void {
  const [name = ''] = readdirSync(local).filter((each) => each !== '.gitignore');
  writeFileSync(join(local, name), change(readFileSync(join(local, name), 'latin1')), 'latin1');
}

function unlessRefused(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return /is a link/.test(reasonOf(error)) ? undefined : error;
  }
}

describe('what this machine noted', () => {
  test.each(NOTES)('%s: known again where it was noted, and nowhere else', (_, note, known) => {
    const local = here();
    expect(known(local)).toBeUndefined();
    note(local);
    expect(known(local)).toBeDefined();
    expect(known(here())).toBeUndefined();
  });

  test.each(NOTES.filter(([name]) => name !== 'a failed attempt'))(
    '%s: what is damaged is not known',
    (_, note, known) => {
      const damages = [
        () => '',
        () => '{',
        () => 'null',
        () => '[]',
        () => '7',
        () => '{}',
        (text: string) => text.slice(1),
      ];
      for (const damage of damages) {
        const local = here();
        note(local);
        rewrite(local, damage);
        expect(known(local), String(damage)).toBeUndefined();
      }
    },
  );

  test.each(NOTES)('%s: through a link it is not known, or refused', (_, note, known) => {
    const elsewhere = here();
    note(elsewhere);
    const local = here();
    mkdirSync(local, { mode: 0o700 });
    for (const name of readdirSync(elsewhere)) symlinkSync(join(elsewhere, name), join(local, name));
    expect(unlessRefused(() => known(local))).toBeUndefined();
  });

  test.each(NOTES)('%s: in a folder that is a link it is neither noted nor known', (name, note, known) => {
    const elsewhere = here();
    mkdirSync(elsewhere, { mode: 0o700 });
    const local = here();
    symlinkSync(elsewhere, local);
    expect(unlessRefused(() => note(local))).toBeUndefined();
    expect(
      unlessRefused(() => known(local)),
      name,
    ).toBeUndefined();
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

test('what was noted under a name is found there by every version after it', () => {
  const local = here();
  noteWhole(local, 'the store', 'd', 'f');
  expect(readdirSync(local)).toContain('whole-23607e8a33b07904.json');
});

test('what is forgotten is not known any more, and nothing else is forgotten with it', () => {
  const local = here();
  for (const [, note] of NOTES) note(local);
  const known = () => NOTES.filter(([, , look]) => look(local) !== undefined).map(([name]) => name);
  expect(known()).toHaveLength(NOTES.length);
  forgetFailure(local, 'db');
  forgetLineage(local, 'db');
  removeReadingNotes(local, 'k');
  const gone = ['a failed attempt', 'a lineage', 'a reading'];
  expect(known()).toEqual(NOTES.map(([name]) => name).filter((name) => !gone.includes(name)));
});

test('a note that cannot be written takes the old one with it: what is not true any more is worse than nothing', () => {
  const local = here();
  writeNote(local, 'kind', 'it', { is: 'old' });
  const [name = ''] = readdirSync(local).filter((each) => each.startsWith('kind-'));
  mkdirSync(join(local, `${name}-${process.pid}`));
  expect(() => writeNote(local, 'kind', 'it', { is: 'new' })).not.toThrow();
  expect(readNote(local, 'kind', 'it')).toBeUndefined();
});

describe('what cannot be asked is not what is not known', () => {
  test.each(NOTES.filter(([name]) => ['an epoch', 'files to be placed', 'who reads'].includes(name)))(
    '%s: whoever would decide by it is told',
    (_, __, known) => {
      const local = here();
      symlinkSync(scratch(), local);
      expect(() => known(local)).toThrow(expect.objectContaining({ code: 'NOT_OURS' }));
    },
  );
});

describe('drills', () => {
  test('the newest fifty are kept, and one that is repeated is the newest', () => {
    const local = here();
    for (let n = 0; n < 55; n++) {
      noteDrill(local, 's', `d${n}`, { date: `${n}`, ok: true });
      noteDrill(local, 's', 'again', { date: `${n}`, ok: false, problem: 'why', files: 'f' });
    }
    const drills = drillsOf(local, 's');
    expect(Object.keys(drills)).toHaveLength(50);
    expect(drills.d54).toEqual({ date: '54', ok: true });
    expect(drills.again).toEqual({ date: '54', ok: false, problem: 'why', files: 'f' });
    expect(drills.d5).toBeUndefined();
  });

  test('one that is damaged takes no other with it', () => {
    const local = here();
    noteDrill(local, 's', 'a', { date: 'then', ok: true });
    noteDrill(local, 's', 'b', { date: 'then', ok: true });
    for (const damaged of ['"then"', 'null', '{"date":1,"ok":true}', '{"date":"then","ok":"yes"}', '{"date":"then"}']) {
      rewrite(local, () => `{"a": ${damaged}, "b": {"date":"then","ok":true,"problem":1,"files":2}}`);
      expect(drillsOf(local, 's'), damaged).toStrictEqual({ b: { date: 'then', ok: true } });
    }
  });
});

describe('copies elsewhere', () => {
  const failure = (time: string) => ({ time, message: `at ${time}`, hint: ['Try.'] });

  test('a failure says since when none worked, and keeps what got there before', () => {
    const local = here();
    noteCopied(local, 's', 'p', 'first', new Date(0));
    noteNotCopied(local, 's', 'p', failure('t1'));
    noteNotCopied(local, 's', 'p', failure('t2'));
    expect(knownCopy(local, 's', 'p')).toEqual({
      name: 'first',
      date: new Date(0).toISOString(),
      failure: { ...failure('t2'), since: 't1' },
    });
    expect(knownCopy(local, 's', 'another')).toEqual({});
    expect(knownCopy(local, 'another', 'p')).toEqual({});
  });

  test('one that works ends the failure, of this place alone', () => {
    const local = here();
    noteNotCopied(local, 's', 'p', failure('t1'));
    noteNotCopied(local, 's', 'q', failure('t1'));
    expect(knownCopy(local, 's', 'p')).toEqual({ failure: { ...failure('t1'), since: 't1' } });
    noteCopied(local, 's', 'p', 'second', new Date(1));
    expect(knownCopy(local, 's', 'p')).toEqual({ name: 'second', date: new Date(1).toISOString() });
    expect(knownCopy(local, 's', 'q')).toEqual({ failure: { ...failure('t1'), since: 't1' } });
  });

  test('half a failure is none', () => {
    const local = here();
    noteNotCopied(local, 's', 'p', failure('t1'));
    for (const part of ['time', 'message', 'hint', 'since'] as const) {
      const known: Record<string, unknown> = { ...failure('t1'), since: 't1', [part]: 1 };
      rewrite(local, () => JSON.stringify({ p: { name: 1, date: 2, failure: known } }));
      expect(knownCopy(local, 's', 'p'), part).toEqual({});
    }
  });
});

describe('epochs', () => {
  test('all that is known comes back, and a rotation is apart from what is in use', () => {
    const local = here();
    const full: KnownEpoch = { ...EPOCH, passphrase: 'p', compress: false };
    rememberEpoch(local, 's', EPOCH);
    rememberEpoch(local, 's', full, 'rotation');
    expect(recallEpoch(local, 's')).toStrictEqual(EPOCH);
    expect(recallEpoch(local, 's', 'rotation')).toStrictEqual(full);
    expect(recallEpoch(local, 'another')).toBeUndefined();
    forgetEpoch(local, 's', 'rotation');
    expect(recallEpoch(local, 's', 'rotation')).toBeUndefined();
    expect(recallEpoch(local, 's')).toEqual(EPOCH);
    forgetEpoch(local, 's', 'rotation');
  });

  test.each(['secret', 'recipients', 'content', 'files'])('without its %s it is not known', (part) => {
    const local = here();
    rememberEpoch(local, 's', EPOCH);
    rewrite(local, () => JSON.stringify({ ...EPOCH, [part]: 1 }));
    expect(recallEpoch(local, 's')).toBeUndefined();
  });
});

describe('rows that are known of a backup', () => {
  test('are those of this very backup', () => {
    const local = here();
    const memory = new Map([['notes', { most: { rows: 9, date: '2026-01-01T00:00:00.000Z' } }]]);
    noteKnown(local, 's', 'd', { ...KNOWN, memory });
    expect(recallKnown(local, 's', 'd')).toEqual({ ...KNOWN, memory });
    expect(recallKnown(local, 's', 'another')).toBeUndefined();
    expect(recallKnown(local, 'another', 'd')).toBeUndefined();
  });

  test.each([
    ['no date', { date: 1 }],
    ['no memory', { memory: 1 }],
    ['a damaged memory', { memory: '{' }],
    ['no rows', { rows: {} }],
    ['a table without a name', { rows: [[1, 1]] }],
    ['a count that is none', { rows: [['notes', '3']] }],
    ['a count that is no whole number', { rows: [['notes', 1.5]] }],
  ])('%s: they are not known', (_, wrong) => {
    const local = here();
    noteKnown(local, 's', 'd', KNOWN);
    rewrite(local, (text) => JSON.stringify({ ...JSON.parse(text), ...wrong }));
    expect(recallKnown(local, 's', 'd')).toBeUndefined();
  });
});

describe('a lineage', () => {
  test('has a fingerprint only where there was one', () => {
    const local = here();
    noteLineage(local, 'db', lineage(undefined));
    expect(lineageOf(local, 'db')).toStrictEqual({ name: 'n', date: 'then', content: CONTENT });
    expect(lineage(undefined)).toStrictEqual({ name: 'n', date: 'then', content: CONTENT });
    noteLineage(local, 'db', lineage('x'));
    expect(lineageOf(local, 'db')).toEqual({ name: 'n', date: 'then', content: CONTENT, stamp: 'x' });
  });

  test.each(['name', 'date', 'content'])('without its %s it is not known', (part) => {
    const local = here();
    noteLineage(local, 'db', lineage('x'));
    rewrite(local, (text) => JSON.stringify({ ...JSON.parse(text), [part]: 1 }));
    expect(lineageOf(local, 'db')).toBeUndefined();
  });
});

describe('files to be placed', () => {
  test('stay noted until they are placed', () => {
    const local = here();
    notePlacing(local, 'db', PLACING);
    expect(isPlacing(local, 'db')).toBe(true);
    expect(isPlacing(local, 'another')).toBe(false);
    expect(placingOf(local, 'db')).toEqual(PLACING);
    const without: Placing = { staging: PLACING.staging, files: PLACING.files };
    notePlacing(local, 'db', without);
    expect(placingOf(local, 'db')).toEqual(without);
    forgetPlacing(local, 'db');
    expect(isPlacing(local, 'db')).toBe(false);
  });

  test.each([
    ['a database that is no text', { database: 1 }],
    ['no staging', { staging: 's' }],
    ['a staging folder that is no text', { staging: { uploads: 1 } }],
    ['one of two that is none', { staging: { uploads: '.staging', pictures: 1 } }],
    ['a file that is nothing', { files: [null] }],
    ['no files', { files: {} }],
    ['a file that is none', { files: ['a'] }],
    ['a file without a number', { files: [['0', 'a', true]] }],
    ['a file without a path', { files: [[0, 1, true]] }],
    ['a file that would be placed elsewhere', { files: [[0, '../a', true]] }],
    ['a file that does not say whether it replaces one', { files: [[0, 'a', 1]] }],
    [
      'one such file among others',
      {
        files: [
          [0, 'a', true],
          [1, '/a', true],
        ],
      },
    ],
  ])('%s: nothing is placed', (_, wrong) => {
    const local = here();
    notePlacing(local, 'db', { ...PLACING });
    rewrite(local, (text) => JSON.stringify({ ...JSON.parse(text), ...wrong }));
    expect(placingOf(local, 'db')).toBeUndefined();
  });
});

describe('who reads a remote', () => {
  test('is known of this remote alone, and not where nobody knew', () => {
    const local = here();
    rememberReaders(local, undefined, 'anyone');
    rememberReaders(local, 'r', 'unknown');
    expect(remembersReaders(local)).toBe(false);
    rememberReaders(local, 'r', 'anyone');
    expect(remembersReaders(local)).toBe(true);
    expect(knownVisibility(local, 'r')).toBe('public');
    expect(knownVisibility(local, 'another')).toBeUndefined();
    expect(knownVisibility(local, undefined)).toBeUndefined();
    rememberReaders(local, 'r', 'not-anyone');
    expect(knownVisibility(local, 'r')).toBe('private');
    rewrite(local, () => '{}');
    expect(knownVisibility(local, undefined)).toBeUndefined();
  });
});

test('who reads a remote is told by the event that started a workflow, where it is about this one', () => {
  const file = join(scratch(), 'event.json');
  const remote = 'https://github.com/ada/app.git';
  const about = (repository: object) => writeFileSync(file, JSON.stringify({ repository }));
  about({ full_name: 'Ada/app', private: false });
  expect(visibilityInEvent(file, remote)).toBe('public');
  expect(visibilityInEvent(file, 'https://github.com/eve/app.git')).toBeUndefined();
  expect(visibilityInEvent(file, 'https://git.example.org/ada/app.git')).toBeUndefined();
  expect(visibilityInEvent(file, undefined)).toBeUndefined();
  about({ full_name: 'ada/app', visibility: 'internal' });
  expect(visibilityInEvent(file, remote)).toBe('private');
  writeFileSync(file, '{');
  for (const damaged of [file, join(scratch(), 'gone.json'), '', undefined])
    expect(visibilityInEvent(damaged, remote)).toBeUndefined();
});

test('a reading comes back as it was noted, byte by byte', () => {
  const local = here();
  writeReadingNotes(local, 'k', reading());
  const { of, runs, notes } = readReadingNotes(local, 'k') ?? { of: '', runs: 0, notes: Buffer.alloc(0) };
  expect({ of, runs, notes: Buffer.from(notes) }).toEqual(reading());
  for (const at of [0, 31, 32, 40, 60]) {
    rewrite(local, (text) => `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`);
    expect(readReadingNotes(local, 'k'), `byte ${at}`).toBeUndefined();
    writeReadingNotes(local, 'k', reading());
  }
});

test('a failed attempt is told as it was, and what says nothing of the data is not noted', () => {
  const local = here();
  fail(local, 'BUSY');
  expect(failedAttempt(local, 'db')).toBeUndefined();
  fail(local, 'STORE_FAILED');
  const told = {
    time: new Date(0).toISOString(),
    trigger: 'keep',
    refused: true,
    message: 'It failed.',
    hint: ['Try.'],
  };
  expect(failedAttempt(local, 'db')).toEqual(told);
  fail(local, 'BUSY');
  expect(failedAttempt(local, 'db')).toEqual(told);
});

test('a failed attempt whose note is damaged is still one', () => {
  const local = here();
  fail(local, 'STORE_FAILED');
  rewrite(local, () => '{"message":1,"refused":"yes"}');
  expect(failedAttempt(local, 'db')).toMatchObject({
    refused: false,
    trigger: 'unknown',
    time: new Date(0).toISOString(),
  });
});

test('files are known to be whole in this backup alone, as they looked then', () => {
  const local = here();
  noteWhole(local, 's', 'd', 'f');
  expect(wholeFiles(local, 's', 'd')).toBe('f');
  expect(wholeFiles(local, 's', 'another')).toBeUndefined();
  expect(wholeFiles(local, 'another', 'd')).toBeUndefined();
  rewrite(local, () => '{"digest":"d","files":7}');
  expect(wholeFiles(local, 's', 'd')).toBeUndefined();
});

describe('backups that were passed over', () => {
  test('are known newest first, each once, and no more than anybody looks through', () => {
    const local = here();
    for (let n = 0; n < 25; n++) notePassedOver(local, 's', { name: `b${n}`, since: `a${n}` });
    notePassedOver(local, 's', { name: 'b20' });
    const names = passedOverIn(local, 's').map(({ name }) => name);
    expect(names).toHaveLength(20);
    expect(names.slice(0, 3)).toEqual(['b20', 'b24', 'b23']);
    expect(new Set(names).size).toBe(20);
    expect(passedOverIn(local, 's').slice(0, 2)).toStrictEqual([{ name: 'b20' }, { name: 'b24', since: 'a24' }]);
    expect(passedOverIn(local, 'another')).toEqual([]);
  });

  test('are forgotten one by one, or all', () => {
    const local = here();
    for (const name of ['a', 'b', 'c']) notePassedOver(local, 's', { name });
    forgetPassedOver(local, 's', 'b');
    expect(passedOverIn(local, 's').map(({ name }) => name)).toEqual(['c', 'a']);
    forgetPassedOver(local, 's', 'never');
    expect(passedOverIn(local, 's')).toHaveLength(2);
    forgetPassedOver(local, 's');
    expect(passedOverIn(local, 's')).toEqual([]);
    // Where there was nothing, nothing is noted of it.
    const other = here();
    forgetPassedOver(other, 's');
    expect(existsSync(other)).toBe(false);
  });

  test('and whose note is damaged take no other with them', () => {
    const local = here();
    notePassedOver(local, 's', { name: 'a' });
    rewrite(local, () => '{"backups":[7,null,{"name":7},{"since":"x"},{"name":"b","since":7}]}');
    expect(passedOverIn(local, 's')).toStrictEqual([{ name: 'b' }]);
    rewrite(local, () => '{"backups":{"name":"b"}}');
    expect(passedOverIn(local, 's')).toEqual([]);
  });
});
