import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, peakMemory, race, time } from './measure.ts';
import { overwinter } from './ours.ts';
import { megabytes, type Section, table } from './report.ts';

/** Rows of three shapes: with most usual types, with foreign keys, and with keys in no order. */
const ROWS = `
CREATE TABLE users(id BIGINT PRIMARY KEY, email VARCHAR UNIQUE NOT NULL, name VARCHAR, created TIMESTAMPTZ, active BOOLEAN, tags VARCHAR[], avatar BLOB);
INSERT INTO users SELECT i, 'user' || i || '@example.org', 'User ' || md5(i::VARCHAR), make_timestamptz(1704067200000000 + i * 60000000), i % 3 = 0,
  ['p' || i % 5, 'b"c', i::VARCHAR], from_hex(md5(i::VARCHAR) || md5((i + 1)::VARCHAR)) FROM range(1, 120001) t(i);
CREATE TABLE orders(id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users(id), total DECIMAL(12,2), note VARCHAR, placed TIMESTAMP);
INSERT INTO orders SELECT i, 1 + i % 120000, (i * 7919 % 1000000) / 100.0,
  CASE WHEN i % 4 > 0 THEN 'note ' || i || chr(10) || ' with "text" ' || md5(i::VARCHAR) END, make_timestamp(1704067200000000 + i * 7000000) FROM range(1, 300001) t(i);
CREATE INDEX by_user ON orders(user_id);
CREATE TABLE events(id UUID PRIMARY KEY, kind VARCHAR, payload JSON, placed TIMESTAMP);
INSERT INTO events SELECT md5(i::VARCHAR)::UUID, 'k' || i % 17, json_object('i', i, 'x', md5(i::VARCHAR)), make_timestamp(1704067200000000 + i * 11000000) FROM range(1, 180001) t(i);
CHECKPOINT;`;

/** Beside what DuckDB has of its own: EXPORT DATABASE and IMPORT DATABASE, as CSV. */
export function duckdbSection(folder: string, runs: number): Section {
  const file = join(folder, 'app.duckdb');
  const [exported, imported, saved, restored] = ['exported', 'imported.duckdb', 'saved', 'restored.duckdb'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string];
  const program = new URL('./duckdb-own.mjs', import.meta.url).pathname;
  const own = (how: string, of: string, sql: string) => [process.execPath, program, how, of, sql];
  const remove = (...paths: readonly string[]) => {
    for (const path of paths) rmSync(path, { recursive: true, force: true });
  };
  time({ argv: own('write', file, ROWS) });
  const exporting: Command = {
    argv: own('read', file, `EXPORT DATABASE '${exported}' (FORMAT csv)`),
    before: () => remove(exported),
  };
  const importing: Command = {
    argv: own('write', imported, `IMPORT DATABASE '${exported}'; CHECKPOINT`),
    before: () => remove(imported, `${imported}.wal`),
  };
  const backup = race(
    { argv: overwinter(saved, file, 'backup', '--quiet'), before: () => remove(saved) },
    [exporting],
    runs,
  );
  const again = race(
    { argv: overwinter(saved, file, 'backup', '--quiet') },
    [{ argv: own('read', file, 'SELECT 1') }, { argv: [process.execPath, '-e', '0'] }],
    runs,
  );
  const restore = race(
    {
      argv: overwinter(saved, file, 'restore', '--quiet', '--to', restored),
      before: () => remove(restored, `${restored}.wal`),
    },
    [importing],
    runs,
  );
  const peaks = [
    ['backup', ['backup', '--quiet'], saved],
    ['restore', ['restore', '--quiet', '--to', restored], restored],
  ] as const;
  const memory = peaks.map(([what, args, made]) => {
    if (what === 'backup') remove(join(saved, '..', '.overwinter'), saved);
    else remove(made);
    return `${what} ${megabytes(peakMemory(overwinter(saved, file, ...args)))}`;
  });
  const ratio = (value: number | undefined) => value?.toFixed(2) ?? 'failed';
  const row = (what: string, names: readonly string[], { ours, ratios }: typeof backup) => [
    what,
    names.map((each, at) => `${ratio(ratios[at])} × ${each}`).join(', '),
    ours.toFixed(2),
  ];
  const rows = [
    row('backup', ['EXPORT DATABASE (csv)'], backup),
    row('nothing changed', ["a program that asks 'SELECT 1'", 'a start of node'], again),
    row('restore', ['IMPORT DATABASE'], restore),
  ];
  return {
    title: `600,000 rows in DuckDB, ${megabytes(statSync(file).size)}, medians of ${runs} runs`,
    text: `${table(['', 'takes', 'seconds'], rows)}\n\nPeak memory: ${memory.join(', ')}.`,
  };
}
