import Database from 'better-sqlite3';

const ROWS = 1500;

/**
 * A database whose whole content follows from one number, its step: so a test can tell a state that it really had from any
 * other, however it came about.
 */
export function makeSample(path: string, steps: number, journal: 'wal' | 'delete' = 'wal'): void {
  const db = new Database(path);
  db.pragma(`journal_mode = ${journal}`);
  begin(db);
  for (let step = 1; step <= steps; step++) advance(db);
  db.close();
}

function begin(db: Database.Database): void {
  db.exec(`
    CREATE TABLE progress(step INTEGER NOT NULL);
    CREATE TABLE items(id INTEGER PRIMARY KEY, label TEXT NOT NULL, touched INTEGER NOT NULL);
    CREATE TABLE log(step INTEGER PRIMARY KEY, note TEXT) WITHOUT ROWID;
    CREATE INDEX by_touch ON items(touched);
    INSERT INTO progress VALUES (0);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    INSERT INTO items SELECT i, 'item ' || i || ' of the sample, with some words to make it longer', 0 FROM n;
  `);
}

/** The next step: one transaction that touches rows all over the file. */
export const NEXT_STEP = `
    BEGIN IMMEDIATE;
    UPDATE progress SET step = step + 1;
    UPDATE items SET touched = (SELECT step FROM progress), label = 'touched ' || id || ' at ' || (SELECT step FROM progress)
      WHERE id % 97 = (SELECT step FROM progress) % 97;
    INSERT INTO log SELECT step, 'note ' || step FROM progress;
    DELETE FROM log WHERE step < (SELECT step FROM progress) - 5;
    COMMIT;
  `;

export const advance = (db: Database.Database): void => void db.exec(NEXT_STEP);

/** Everything in a database that matters, as text. */
export function contentsOf(path: string): string {
  const db = new Database(path, { fileMustExist: true });
  try {
    return textOf(db);
  } finally {
    db.close();
  }
}

function textOf(db: Database.Database): string {
  const fault = db.pragma('integrity_check', { simple: true });
  if (fault !== 'ok') throw new Error(`not a sound database: ${fault}`);
  const schema = db
    .prepare<[], { type: string; name: string; sql: string }>('SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2')
    .all();
  const tables = schema.filter(({ type }) => type === 'table');
  const rows = tables.map(({ name }) => [name, db.prepare(`SELECT * FROM "${name}"`).raw().all()]);
  return JSON.stringify([schema, rows]);
}

/** The step a database says it is at; throws unless its whole content is that step's. */
export function stepOf(path: string): number {
  const db = new Database(path, { fileMustExist: true });
  try {
    const step = Number(db.prepare('SELECT step FROM progress').pluck().get());
    if (textOf(db) !== referenceAt(step)) throw new Error(`step ${step} never looked like this`);
    return step;
  } finally {
    db.close();
  }
}

const reference = new Database(':memory:');
const known: string[] = [];

function referenceAt(step: number): string {
  if (known.length === 0) {
    begin(reference);
    known.push(textOf(reference));
  }
  while (known.length <= step) {
    advance(reference);
    known.push(textOf(reference));
  }
  return known[step] ?? '';
}
