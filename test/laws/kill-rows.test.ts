import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { restoreRows } from '../../src/operations/restore-rows.ts';
import { chance, isSlow } from '../support/chance.ts';
import { startChild } from '../support/child.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const KILLS = isSlow ? 100 : 6;
const LONGEST = 200;
const ROWS = 2000;

/** Two tables that belong together, with triggers, and one that nobody asked for. */
const TABLES = `CREATE TABLE orders(id INTEGER PRIMARY KEY, state TEXT UNIQUE);
  CREATE TABLE items(id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders, state TEXT);
  CREATE TABLE other(id INTEGER PRIMARY KEY, state TEXT); INSERT INTO other VALUES (1, 'now');
  CREATE TRIGGER t AFTER UPDATE ON orders BEGIN UPDATE other SET state = 'fired'; END;`;

const fill = (state: string, from: number) => `DELETE FROM items; DELETE FROM orders;
  WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${from + ROWS})
    INSERT INTO orders SELECT i, '${state}' || i FROM n;
  INSERT INTO items SELECT id, id, '${state}' FROM orders;`;

test.each(['wal', 'delete'])(
  `law 3: ${KILLS} kills leave all rows of some tables as they were, or as they are to be (%s)`,
  async (mode) => {
    const dice = chance();
    const folder = scratch();
    const project = projectIn(folder);
    const db = new Database(project.db);
    db.pragma(`journal_mode = ${mode}`);
    db.exec(TABLES);
    for (const [name, from] of [
      ['one', 1],
      ['two', 500],
    ] as const) {
      db.exec(fill(name, from));
      await backup(project, { trigger: 'test', name });
    }
    db.close();
    const seen = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const child = startChild('keep-bringing-rows', folder, 'one', 'two', 'orders', 'items');
      await child.line();
      await sleep(dice.below(LONGEST));
      await child.kill();
      seen.add(stateOf(project.db));
      for (const name of ['two', 'one']) {
        await restoreRows(project, { name, rows: { tables: ['orders', 'items'], exact: true, withParents: false } });
        expect(stateOf(project.db), `seed ${dice.seed}`).toBe(name);
      }
      const snapshots = readdirSync(join(project.local, 'snapshots'), { recursive: true }).map(String);
      const of = (end: string) => snapshots.filter((name) => name.endsWith(end)).length;
      expect(of('.db')).toBe(of('.json'));
    }
    if (isSlow) expect([...seen].sort()).toEqual(['one', 'two']);
  },
  300_000,
);

/** Which of the two it is; anything between fails. */
function stateOf(path: string): string {
  const db = new Database(path);
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    const [first, ...others] = db.prepare<[], string>('SELECT DISTINCT state FROM items').pluck().all();
    const orders = db.prepare('SELECT count(*) FROM orders WHERE state = ? || id').pluck().get(first);
    const rest = db
      .prepare("SELECT (SELECT state FROM other) || (SELECT count(*) FROM sqlite_schema WHERE type = 'trigger')")
      .pluck();
    expect([others, orders, rest.get()]).toEqual([[], ROWS + 1, 'now1']);
    return first ?? '';
  } finally {
    db.close();
  }
}
