// The script that everyone writes first: all rows as JSON in one file, and back into tables that are there.
import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const [what, database, document] = process.argv.slice(2);
const db = new Database(database);
if (what === 'save') {
  const names = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  const tables = Object.fromEntries(names.map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]));
  const schema = db
    .prepare("SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  writeFileSync(document, JSON.stringify({ schema, tables }));
} else {
  const { schema, tables } = JSON.parse(readFileSync(document, 'utf8'));
  db.transaction(() => {
    for (const sql of schema) db.exec(sql);
    for (const [name, rows] of Object.entries(tables)) {
      const insert =
        rows.length > 0 && db.prepare(`INSERT INTO "${name}" VALUES (${Object.keys(rows[0]).map(() => '?')})`);
      for (const row of rows) insert.run(Object.values(row));
    }
  })();
}
