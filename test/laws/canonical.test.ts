import { copyFileSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { type BackupResult, backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { restore } from '../../src/operations/restore.ts';
import type { TestProject as Project } from '../support/project.ts';
import { withDatabase } from '../support/project.ts';
import { backupFiles, look, projectWith } from '../support/round-trip.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

const save = (project: Project) => backup(project, { trigger: 'test' });

async function contentOf(project: Project, saved: BackupResult): Promise<string> {
  return (await openBackup(project.store, saved.name)).manifest.metadata.content;
}

/** Enough rows for many parts, in a table of each kind, with explicit keys. */
function fillTables(db: Database.Database): void {
  db.exec('CREATE TABLE orders(id INTEGER PRIMARY KEY, customer TEXT, total REAL, note)');
  db.exec('CREATE TABLE tags(tag TEXT, n INTEGER, note, PRIMARY KEY(tag, n)) WITHOUT ROWID');
  db.exec('CREATE TABLE few(id INTEGER PRIMARY KEY, x); INSERT INTO few VALUES (1, 0.1), (2, 9e999)');
  db.exec('CREATE INDEX orders_customer ON orders(customer, total, note)');
  const order = db.prepare('INSERT INTO orders VALUES (?, ?, ?, ?)');
  const tag = db.prepare('INSERT INTO tags VALUES (?, ?, ?)');
  db.transaction(() => {
    for (let i = 1; i <= 16_000; i++) {
      const mixed = Math.imul(i, 2654435761) >>> 0;
      order.run(
        i * 10,
        `customer ${mixed % 997}`,
        mixed / 7,
        i % 50 === 0 ? Buffer.from([i & 255, 0]) : `note ${mixed}`,
      );
      tag.run(`tag ${mixed % 3000}`, i, `note ${mixed} ${'.'.repeat(mixed % 40)}`);
    }
  })();
}

let pattern: Project | undefined;

function filled(): Project {
  pattern ??= projectWith(fillTables, undefined, lasting());
  const project = projectIn(scratch());
  copyFileSync(pattern.db, project.db);
  return project;
}

const change = (project: Project, sql: string) => look(project.db, (db) => db.exec(sql));

describe('law 2, canonical', () => {
  test('the same database dumped twice is unchanged, and writes nothing', async () => {
    const project = filled();
    const first = await save(project);
    const files = backupFiles(project);
    const second = await save(project);
    expect(second).toMatchObject({ status: 'unchanged', name: first.name, bytesWritten: 0 });
    expect(backupFiles(project)).toEqual(files);
    expect(files.size).toBeGreaterThan(10);
  });

  test('on another day, on another machine and after VACUUM it has the same content', async () => {
    const project = filled();
    const first = await save(project);
    const later = { ...project, now: () => new Date('2031-02-03T04:05:06Z'), host: 'another', environment: 'ci' };
    expect(await save(later)).toMatchObject({ status: 'unchanged', name: first.name });
    change(project, 'VACUUM');
    expect(await save(project)).toMatchObject({ status: 'unchanged', name: first.name });
    change(project, 'REINDEX; PRAGMA incremental_vacuum');
    expect(await save(project)).toMatchObject({ status: 'unchanged', name: first.name });
  });

  test('rows that were put in by another way, in another order, make the same backup', async () => {
    const project = filled();
    const other = projectWith((db) => {
      fillTables(db);
      db.exec(
        'CREATE TEMP TABLE o AS SELECT * FROM orders; CREATE TEMP TABLE t AS SELECT * FROM tags; DELETE FROM orders; DELETE FROM tags',
      );
      db.exec(
        'INSERT INTO orders SELECT * FROM o ORDER BY id % 101 DESC, id; INSERT INTO tags SELECT * FROM t ORDER BY n % 7, tag DESC',
      );
      db.exec('UPDATE few SET x = 5; UPDATE few SET x = 0.1 WHERE id = 1; UPDATE few SET x = 9e999 WHERE id = 2');
    });
    const [a, b] = [await save(project), await save(other)];
    expect(await contentOf(other, b)).toBe(await contentOf(project, a));
  });

  test('after a restore it is unchanged', async () => {
    const project = filled();
    const first = await save(project);
    const copy = `${project.db}.restored`;
    await restore(project, { name: 'latest', to: copy });
    expect(await save(withDatabase(project, copy))).toMatchObject({ status: 'unchanged', name: first.name });
    await restore(project, { name: 'latest' });
    expect(await save(project)).toMatchObject({ status: 'unchanged', name: first.name });
  });

  test('what was changed and changed back is the same content again', async () => {
    const project = filled();
    const first = await save(project);
    change(project, "UPDATE orders SET note = 'other' WHERE id = 40000");
    const second = await save(project);
    expect(second.status).toBe('created');
    await restore(project, { name: first.name });
    const third = await save(project);
    expect(third.status).toBe('created');
    expect(await contentOf(project, third)).toBe(await contentOf(project, first));
  });

  test.each([
    ['a row added in the middle', 'INSERT INTO orders VALUES (40005, 1, 2, 3)'],
    ['a row changed', "UPDATE orders SET customer = 'another' WHERE id = 40000"],
    ['a row removed', 'DELETE FROM orders WHERE id = 40000'],
    ['a row added to a table without rowids', "INSERT INTO tags VALUES ('tag 1500', -1, 'new')"],
    [
      'a row removed from one',
      "DELETE FROM tags WHERE (tag, n) = (SELECT tag, n FROM tags WHERE tag > 'tag 2' LIMIT 1)",
    ],
  ])('%s costs few parts', async (_, sql) => {
    const project = filled();
    await save(project);
    const before = backupFiles(project);
    change(project, sql);
    const { status } = await save(project);
    const fresh = [...backupFiles(project)].filter(([file]) => !before.has(file) && file.endsWith('.jsonl'));
    expect(status).toBe('created');
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThanOrEqual(2);
    expect([...before].filter(([file]) => file.endsWith('.jsonl')).length).toBeGreaterThan(15);
  });

  test.each([
    ['one bit of a double', 'UPDATE few SET x = 0.10000000000000002 WHERE id = 1'],
    ['a class', 'UPDATE few SET x = 1 WHERE id = 1; UPDATE few SET x = 1.0 WHERE id = 1'],
    ['a BLOB for the same text', "UPDATE few SET x = x'30' WHERE id = 1"],
    ['a setting', 'PRAGMA user_version = 7'],
    ['an index', 'CREATE INDEX few_x ON few(x)'],
  ])('a change of %s is seen', async (_, sql) => {
    const project = filled();
    await save(project);
    change(project, sql);
    expect((await save(project)).status).toBe('created');
  });

  test('what one slice needs does not show in how others are written', async () => {
    const rows = (db: Database.Database, hostileFirst: boolean) => {
      db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, "a\n\u007f\u2028é" TEXT, b)');
      const add = db.prepare('INSERT INTO t VALUES (?, ?, ?)');
      db.transaction(() => {
        for (let i = 1000; i < 6000; i++) add.run(i, `text ${i} \u0001 "é" \u2028 \\ / 😀`, i % 3 === 0 ? i / 7 : i);
        if (hostileFirst)
          for (const value of [Buffer.from('x'), Number.POSITIVE_INFINITY, -0]) add.run(null, 'x', value);
        if (hostileFirst) db.exec("INSERT INTO t VALUES (-5, CAST(x'ff' AS TEXT), x'00')");
      })();
    };
    const plain = projectWith((db) => rows(db, false));
    const hostile = projectWith((db) => rows(db, true));
    await save(plain);
    await save(hostile);
    const names = (project: Project) =>
      [...backupFiles(project).keys()].filter((file) => file.endsWith('.jsonl')).map((file) => file.slice(-60));
    const shared = names(plain).filter((name) => names(hostile).includes(name));
    expect(shared.length).toBeGreaterThanOrEqual(names(plain).length - 2);
    expect(shared.length).toBeGreaterThan(3);
  });
});
