import { describe, expect, test } from 'vitest';
import { restoredInWords } from '../../src/operations/restored-words.ts';

const said = (changes: Partial<Parameters<typeof restoredInWords>[0]>) =>
  restoredInWords({
    name: 'backup_20260102_030405_abcdef12',
    date: '2026-01-02T03:04:05.000Z',
    skipped: [],
    leftOut: {},
    ...changes,
  }).map((pieces) => pieces.map((piece) => (typeof piece === 'string' ? piece : JSON.stringify(piece))).join(''));

describe('whoever starts an app is told', () => {
  test('nothing of a restore that brought all there was', () => {
    expect(said({})).toEqual([]);
  });

  test('of a newer backup that could not be used, what is not here, and of an older one only why', () => {
    const newer = said({ skipped: [{ name: 'backup_20260103_000000_abcdef12', reason: 'a part is missing.' }] });
    expect(newer).toHaveLength(1);
    expect(newer[0]).toMatch(
      /could not be used \(a part is missing\), so .* of 2026-01-02 03:04 UTC was restored instead/,
    );
    const older = said({ skipped: [{ name: 'backup_20260101_000000_abcdef12', reason: 'a part is missing.' }] });
    expect(older).toEqual(['backup_20260101_000000_abcdef12 was passed over: a part is missing.']);
  });

  test('of columns that are empty now, one or several, which must be set anew', () => {
    const [one] = said({ leftOut: { redacted: { users: ['password'] } } });
    expect(one).toMatch(/^users\.password is in no backup, and so NULL/);
    const [three] = said({ leftOut: { redacted: { users: ['password', 'token'], keys: ['secret'] } } });
    expect(three).toMatch(/^users\.password, users\.token and keys\.secret are in no backup/);
  });

  test('of columns that hold what the configuration says, apart from those that are empty', () => {
    const leftOut = { redacted: { users: ['password', 'token'] }, replaced: { users: ['token'] } };
    const [empty, replaced, ...others] = said({ leftOut });
    expect(empty).toMatch(/^users\.password is in no backup/);
    expect(replaced).toMatch(/^users\.token holds the value from the configuration/);
    expect(others).toEqual([]);
    const [both] = said({ leftOut: { redacted: { u: ['a', 'b'] }, replaced: { u: ['a', 'b'] } } });
    expect(both).toMatch(/^u\.a and u\.b hold the value/);
  });

  test('of tables that came back in part or without rows', () => {
    expect(said({ leftOut: { included: { events: 'x > 1' } } })).toEqual([
      'Of events only those rows are here that backups include.',
    ]);
    expect(said({ leftOut: { excluded: { sessions: 'rows', caches: 'rows' } } })).toEqual([
      'sessions and caches came back without rows, because backups leave them out.',
    ]);
  });
});
