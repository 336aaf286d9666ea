import { describe, expect, test } from 'vitest';
import type { Loss } from '../../src/core/losses.ts';
import { NO_MEMORY } from '../../src/core/table-memory.ts';
import { lasting, verdict } from '../../src/operations/guard.ts';
import { projectIn, scratch } from '../support/scratch.ts';

type Rows = Readonly<Record<string, number>>;

const rowsOf = (rows: Rows) => new Map(Object.entries(rows));
const total = (rows: Rows) => Object.values(rows).reduce((sum, each) => sum + each, 0);
const project = () => projectIn(scratch(), { ignoreTables: ['plans'] });

interface Asked {
  readonly now: Rows;
  /** Undefined where the backup before cannot be opened. */
  readonly known?: Rows;
  readonly before?: number;
  readonly losses?: readonly Loss[];
  readonly meant?: readonly string[];
}

const judged = ({ now, known, before = total(known ?? {}), losses = [], meant = [] }: Asked) =>
  verdict(
    project(),
    {
      what: 'app.db',
      rows: rowsOf(now),
      known: known && { date: '2026-01-01T00:00:00.000Z', rows: rowsOf(known), memory: NO_MEMORY },
      rowsBefore: before,
      losses,
    },
    meant,
  )?.code;

const gone: Loss = { kind: 'gone', table: 'notes', rows: 0, before: { rows: 9, date: '2026-01-01T00:00:00.000Z' } };

describe('a backup', () => {
  test('of as many rows as before is let through', () => {
    expect(judged({ now: { notes: 9 }, known: { notes: 9 } })).toBeUndefined();
    expect(judged({ now: { notes: 9 } })).toBeUndefined();
  });

  test('of no row is refused where there were some, also where only lookup tables have rows left', () => {
    expect(judged({ now: { notes: 0 }, known: { notes: 1 } })).toBe('BACKUP_EMPTY');
    expect(judged({ now: { notes: 0, plans: 5 }, known: { notes: 1, plans: 5 } })).toBe('BACKUP_EMPTY');
    expect(judged({ now: { notes: 1, plans: 0 }, known: { notes: 1, plans: 5 } })).toBe('BACKUP_SHRUNK');
    expect(judged({ now: { plans: 5 }, known: { plans: 5 } })).toBeUndefined();
    expect(judged({ now: { notes: 0 }, before: 1 })).toBe('BACKUP_EMPTY');
    expect(judged({ now: { notes: 0 }, known: { notes: 0 } })).toBeUndefined();
  });

  test('of few rows is refused by the total alone, where a damaged one that is newer had more than the newest whole one', () => {
    expect(judged({ now: { notes: 30 }, known: { notes: 30 }, before: 100 })).toBe('BACKUP_SHRUNK');
    expect(judged({ now: { notes: 30 }, known: { notes: 30 }, before: 60 })).toBeUndefined();
    expect(judged({ now: { notes: 0 }, known: { notes: 0 }, before: 100 })).toBe('BACKUP_EMPTY');
    expect(judged({ now: { notes: 30 }, before: 100 })).toBe('BACKUP_SHRUNK');
  });

  test('that lost a table is refused until that is meant, of that table', () => {
    const rows = { people: 90, words: 20 };
    const lost = { now: { notes: 0, ...rows }, known: { notes: 9, ...rows }, losses: [gone] };
    expect(judged(lost)).toBe('BACKUP_SHRUNK');
    expect(judged({ ...lost, meant: ['people'] })).toBe('BACKUP_SHRUNK');
    expect(judged({ ...lost, meant: ['notes'] })).toBeUndefined();
  });

  test('may lose all of what is meant, and not most of the rest', () => {
    const known = { notes: 90, people: 10 };
    expect(judged({ now: { notes: 0, people: 10 }, known })).toBe('BACKUP_SHRUNK');
    expect(judged({ now: { notes: 0, people: 10 }, known, meant: ['notes'] })).toBeUndefined();
    expect(judged({ now: { notes: 0, people: 4 }, known, meant: ['notes'] })).toBe('BACKUP_SHRUNK');
    expect(judged({ now: { notes: 0, people: 0 }, known, meant: ['notes'] })).toBe('BACKUP_EMPTY');
    expect(judged({ now: { notes: 0, people: 0 }, known, meant: ['notes', 'people'] })).toBeUndefined();
  });

  test('may lose rows that come and go by themselves', () => {
    const known = { sessions: 900, notes: 10 };
    expect(judged({ now: { sessions: 0, notes: 10 }, known })).toBeUndefined();
    expect(judged({ now: { sessions: 900, notes: 4 }, known })).toBe('BACKUP_SHRUNK');
  });
});

test('a column of what comes and goes is nobody’s loss, and what the project says goes before the name', () => {
  const losses: Loss[] = ['sessions', 'notes'].map((table) => ({ kind: 'nulled', table, column: 'x' }));
  expect(lasting(project(), losses).map(({ table }) => table)).toEqual(['notes']);
  const other = { ...project(), mayShrink: (table: string) => table === 'notes' };
  expect(lasting(other, losses).map(({ table }) => table)).toEqual(['sessions']);
});
