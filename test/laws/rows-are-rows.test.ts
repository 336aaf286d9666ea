import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/app/boot.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { clear } from '../../src/operations/clear.ts';
import { status } from '../../src/operations/status.ts';
import { type TestProject as Project, withDatabase } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const TRIGGER = { trigger: 'test' };
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

interface Kind {
  readonly make: string;
  /** Inserts as many rows as the table `n` has. */
  readonly add: string;
  readonly count: string;
  readonly remove: string;
}

const KINDS: Record<string, Kind> = {
  FTS5: {
    make: 'CREATE VIRTUAL TABLE docs USING fts5(body)',
    add: "INSERT INTO docs(body) SELECT 'note ' || i FROM n",
    count: 'SELECT count(*) FROM docs',
    remove: 'DELETE FROM docs',
  },
  'FTS5 without sizes': {
    make: 'CREATE VIRTUAL TABLE docs USING fts5(body, columnsize=0)',
    add: "INSERT INTO docs(body) SELECT 'note ' || i FROM n",
    count: 'SELECT count(*) FROM docs',
    remove: 'DELETE FROM docs',
  },
  'contentless FTS5': {
    make: "CREATE VIRTUAL TABLE docs USING fts5(body, content='')",
    add: "INSERT INTO docs(rowid, body) SELECT i + ifnull((SELECT max(id) FROM docs_docsize), 0), 'note ' || i FROM n",
    count: 'SELECT count(*) FROM docs_docsize',
    remove: "INSERT INTO docs(docs) VALUES ('delete-all')",
  },
  FTS4: {
    make: 'CREATE VIRTUAL TABLE "my docs" USING FTS4(body TEXT)',
    add: `INSERT INTO "my docs"(body) SELECT 'note ' || i FROM n`,
    count: 'SELECT count(*) FROM "my docs"',
    remove: 'DELETE FROM "my docs"',
  },
  FTS3: {
    make: 'CREATE VIRTUAL TABLE docs USING fts3',
    add: "INSERT INTO docs SELECT 'note ' || i FROM n",
    count: 'SELECT count(*) FROM docs',
    remove: 'DELETE FROM docs',
  },
  'contentless FTS4': {
    make: 'CREATE VIRTUAL TABLE docs USING fts4(content="", body)',
    add: "INSERT INTO docs(docid, body) SELECT i + ifnull((SELECT max(docid) FROM docs_docsize), 0), 'note ' || i FROM n",
    count: 'SELECT count(*) FROM docs_docsize',
    remove: 'DROP TABLE docs; CREATE VIRTUAL TABLE docs USING fts4(content="", body)',
  },
  'R-Tree': {
    make: 'CREATE VIRTUAL TABLE places USING rtree(id, x0, x1, y0, y1, +label)',
    add: "INSERT INTO places(x0, x1, y0, y1, label) SELECT i, i + 1, i, i + 1, 'at ' || i FROM n",
    count: 'SELECT count(*) FROM places',
    remove: 'DELETE FROM places',
  },
  'R-Tree of whole numbers': {
    make: 'CREATE VIRTUAL TABLE places USING rtree_i32(id, a, b)',
    add: 'INSERT INTO places(a, b) SELECT i, i + 1 FROM n',
    count: 'SELECT count(*) FROM places',
    remove: 'DELETE FROM places',
  },
  geopoly: {
    make: 'CREATE VIRTUAL TABLE shapes USING geopoly(label)',
    add: "INSERT INTO shapes(_shape, label) SELECT '[[0,0],[' || i || ',0],[0,1],[0,0]]', 'shape ' || i FROM n",
    count: 'SELECT count(*) FROM shapes',
    remove: 'DELETE FROM shapes',
  },
  'FTS5 about another table': {
    make: `CREATE TABLE notes(id INTEGER PRIMARY KEY, body TEXT);
      CREATE VIRTUAL TABLE docs USING fts5(body, content='notes', content_rowid='id')`,
    add: "INSERT INTO notes(body) SELECT 'note ' || i FROM n; INSERT INTO docs(docs) VALUES ('rebuild')",
    count: 'SELECT count(*) FROM notes',
    remove: 'DELETE FROM notes',
  },
  'FTS4 about another table': {
    make: 'CREATE TABLE notes(id INTEGER PRIMARY KEY, body TEXT); CREATE VIRTUAL TABLE docs USING fts4(content="notes", body)',
    add: "INSERT INTO notes(body) SELECT 'note ' || i FROM n; INSERT INTO docs(docs) VALUES ('rebuild')",
    count: 'SELECT count(*) FROM notes',
    remove: 'DELETE FROM notes',
  },
};

function change(project: Pick<Project, 'db'>, sql: string): void {
  const db = new Database(project.db);
  db.exec(sql);
  db.close();
}

const add = (kind: Kind, rows: number) =>
  `CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i FROM n; ${kind.add}`;

function countOf(project: Pick<Project, 'db'>, kind: Kind): unknown {
  const db = new Database(project.db, { readonly: true });
  try {
    return db.prepare(kind.count).pluck().get();
  } finally {
    db.close();
  }
}

function projectWith(kind: Kind, rows: number): Project {
  const project = projectIn(scratch());
  change(project, kind.make);
  if (rows > 0) change(project, add(kind, rows));
  return project;
}

describe.each(Object.entries(KINDS))('%s', (_name, kind) => {
  test('a database in use is left alone by a boot, however old its backup is', async () => {
    const project = projectWith(kind, 10);
    await backup(project, TRIGGER);
    change(project, add(kind, 1000));
    await expect(autoRestore(project)).resolves.toMatchObject({ restored: false, reason: 'the database has data' });
    expect(countOf(project, kind)).toBe(1010);
  });

  test('a database whose tables were made and hold nothing is restored', async () => {
    const project = projectWith(kind, 10);
    await backup(project, TRIGGER);
    change({ db: `${project.db}.new` }, kind.make);
    const fresh = withDatabase(project, `${project.db}.new`);
    await expect(autoRestore(fresh)).resolves.toMatchObject({ restored: true, rows: 10 });
    expect(countOf(fresh, kind)).toBe(10);
  });

  test('its rows gone, no backup is made of it', async () => {
    const project = projectWith(kind, 100);
    await backup(project, TRIGGER);
    change(project, kind.remove);
    await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
  });

  test('list and status say how many rows there are, in one table', async () => {
    const project = projectWith(kind, 30);
    await expect(backup(project, TRIGGER)).resolves.toMatchObject({ rows: 30, tables: 1 });
    const { entries } = await readCatalog(project.store);
    expect(entries.map(({ metadata }) => [metadata.rows, metadata.tables])).toEqual([[30, 1]]);
    await expect(status(project)).resolves.toMatchObject({ database: { rows: 30, tables: 1 } });
  });
});

test('an app that is killed and started again keeps all of its notes', async () => {
  const folder = scratch();
  const options = { dir: `${folder}/backups`, logger: QUIET };
  const path = `${folder}/app.db`;
  const notes = (rows: number) =>
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO notes SELECT 'note ' || i FROM n`;
  const first = await openDatabase(path, options);
  first.exec(`CREATE VIRTUAL TABLE notes USING fts5(body); ${notes(200)}`);
  first.close();
  await backup(projectIn(folder), TRIGGER);
  const second = await openDatabase(path, options);
  second.exec(notes(100));
  second.close();
  const third = await openDatabase(path, options);
  expect(third.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(300);
  third.close();
});

test('rows of a virtual table are cleared and counted under its name', async () => {
  const project = projectIn(scratch());
  change(project, "CREATE VIRTUAL TABLE docs USING fts5(body); INSERT INTO docs VALUES ('a'), ('b')");
  const { removed } = await clear(project, ['docs']);
  expect(removed).toEqual({ docs: 2 });
});

test('an index about another table may be emptied and made again', async () => {
  const project = projectWith(KINDS['FTS5 about another table'] ?? { make: '', add: '', count: '', remove: '' }, 50);
  await backup(project, TRIGGER);
  change(project, "INSERT INTO docs(docs) VALUES ('delete-all')");
  await expect(backup(project, TRIGGER)).resolves.toMatchObject({ status: 'created', rows: 50 });
  change(project, "INSERT INTO docs(docs) VALUES ('rebuild')");
  await expect(backup(project, TRIGGER)).resolves.toMatchObject({ rows: 50 });
});

test("a table of one's own that is called after a virtual one counts as itself", async () => {
  const project = projectIn(scratch());
  change(
    project,
    'CREATE VIRTUAL TABLE docs USING fts5(body); CREATE TABLE docs_authors(name); INSERT INTO docs_authors VALUES (1), (2)',
  );
  await expect(backup(project, TRIGGER)).resolves.toMatchObject({ rows: 2, tables: 2 });
});

test('a contentless index without sizes, whose rows nobody can count, still is not empty', async () => {
  const project = projectIn(scratch());
  change(project, "CREATE VIRTUAL TABLE docs USING fts5(body, content='', columnsize=0)");
  await expect(backup(project, TRIGGER)).resolves.toMatchObject({ rows: 0 });
  change(project, "INSERT INTO docs(rowid, body) VALUES (1, 'a note')");
  await expect(backup(project, TRIGGER)).resolves.toMatchObject({ rows: 1 });
  await expect(autoRestore(project)).resolves.toMatchObject({ restored: false });
});
