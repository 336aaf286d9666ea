import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { blobId } from '../../src/core/digest.ts';
import type { Manifest, Part } from '../../src/core/manifest.ts';
import { backupName, markOfPart, partFile } from '../../src/core/names.ts';
import { contentDigest, writeManifest } from '../../src/core/write-manifest.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { projectAt } from './project.ts';

const HOUR = 3_600_000;
const TABLE = 'orders';

export interface LongHistory {
  /** How often the watched row was changed after the first backup, which has it already. */
  readonly changes: number;
  readonly parts: number;
}

/**
 * A folder with the backups of a large table, of which every one changes a row, and every hundredth the one that is watched. Only the first
 * is read from a database: the others differ from it by one part, which is written as a backup would.
 */
export async function longHistory(
  folder: string,
  rows: number,
  backups: number,
  watched: number,
): Promise<LongHistory> {
  const project = projectAt(folder);
  const db = new Database(project.db);
  db.pragma('journal_mode = wal');
  db.exec(`CREATE TABLE ${TABLE}(id INTEGER PRIMARY KEY, email TEXT, state INTEGER, total REAL);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO ${TABLE} SELECT i, 'someone' || i || '@example.org', 0, i / 7.0 FROM n`);
  db.close();
  const first = await backup(project, { trigger: 'test' });
  const { manifest } = await openBackup(project.store, first.name);
  if (!('data' in manifest)) throw new Error('it is encrypted');
  const table = manifest.data.get(TABLE);
  if (table === undefined || 'rows' in table) throw new Error('it is not in parts');
  const parts: Part[] = [...table.parts];
  const holdsWatched = parts.findIndex((part) => partText(folder, part).includes(`"id":${watched},`));
  let changes = 0;
  for (let n = 1; n < backups; n++) {
    const isWatched = n % 100 === 0;
    const at = isWatched ? holdsWatched : n % parts.length;
    parts[at] = changed(folder, parts[at], isWatched ? watched : undefined, n);
    if (isWatched) changes++;
    writeVersion(folder, manifest, parts, new Date(Date.parse(first.date) + n * HOUR));
  }
  return { changes, parts: parts.length };
}

const partText = (folder: string, { file }: Part) => readFileSync(join(folder, 'backups', file), 'utf8');

/** The part with another state in one row: the one that is named, or any. */
function changed(folder: string, part: Part | undefined, id: number | undefined, n: number): Part {
  if (part === undefined) throw new Error('there is no such part');
  const lines = partText(folder, part).split('\n');
  const at = id === undefined ? n % (lines.length - 1) : lines.findIndex((line) => line.includes(`"id":${id},`));
  lines[at] = (lines[at] ?? '').replace(/"state":\d+/, `"state":${n}`);
  const bytes = Buffer.from(lines.join('\n'));
  const file = partFile(TABLE, blobId(bytes), markOfPart(part.file) ?? '');
  const path = join(folder, 'backups', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return { file, rows: part.rows, bytes: bytes.length };
}

function writeVersion(folder: string, first: Manifest, parts: readonly Part[], date: Date): void {
  const count = parts.reduce((sum, { rows }) => sum + rows, 0);
  const data = new Map([...first.data, [TABLE, { count, parts: [...parts] }] as const]);
  const content = { ...first, data };
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const metadata = { ...first.metadata, backup_date: date.toISOString(), content: contentDigest(content), bytes };
  const { text, digest } = writeManifest({ ...content, metadata });
  writeFileSync(join(folder, 'backups', `${backupName('backup', date, digest)}.json`), text);
}
