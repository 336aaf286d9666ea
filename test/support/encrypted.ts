import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { kept } from './scratch.ts';

export const SECRET_WORDS = ['patients', 'diagnosis', 'Hypochondria', 'by_diagnosis', 'tiny_settings', 'dark-mode'];

const patients = new Map<number, string>();

/** Rows that nobody else may read: a table in parts, one in the manifest, one without a rowid, an index. */
export function makePatients(path: string, rows = 6000): void {
  const known = patients.get(rows) ?? join(kept(), 'patients.db');
  if (!patients.has(rows)) fillPatients(known, rows);
  patients.set(rows, known);
  copyFileSync(known, path);
}

function fillPatients(path: string, rows: number): void {
  const db = new Database(path);
  db.exec(`
    PRAGMA journal_mode = wal;
    CREATE TABLE patients(id INTEGER PRIMARY KEY, name TEXT, diagnosis TEXT, weight REAL, photo BLOB);
    CREATE INDEX by_diagnosis ON patients(diagnosis);
    CREATE TABLE visits(day TEXT, patient INTEGER, PRIMARY KEY(day, patient)) WITHOUT ROWID;
    CREATE TABLE tiny_settings(name TEXT PRIMARY KEY, value);
    INSERT INTO tiny_settings VALUES ('theme', 'dark-mode');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO patients SELECT i, 'Patient ' || i, 'Hypochondria of degree ' || (i * 7919 % 100003), i / 7.0,
        iif(i % 100 = 0, x'00ff10', NULL) FROM n;
    INSERT INTO visits SELECT printf('2026-%02d-%02d', 1 + id % 12, 1 + id % 28), id FROM patients;
  `);
  db.close();
}

export function changeOnePatient(path: string, id = 3000): void {
  const db = new Database(path);
  db.prepare("UPDATE patients SET name = name || '!' WHERE id = ?").run(id);
  db.close();
}

/** Every file of a backups folder, by its path in it. */
export function filesIn(backups: string): Map<string, Buffer> {
  const entries = readdirSync(backups, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(backups.length + 1), readFileSync(path)];
    }),
  );
}

export { encryptionFor } from './keys.ts';
