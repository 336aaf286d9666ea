import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshDatabase, nameCluster, postgresPrograms, removeCluster } from '../test/support/postgres.ts';
import { type Command, peakMemory, race } from './measure.ts';
import { overwinter } from './ours.ts';
import { megabytes, type Section, table } from './report.ts';

/** Rows of three shapes: with every usual type, with foreign keys, and with keys in no order. */
const ROWS = `
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL, name text, created timestamptz, active bool, meta jsonb, avatar bytea);
INSERT INTO users (email, name, created, active, meta, avatar) SELECT 'user' || i || '@example.org', 'User ' || md5(i::text), '2024-01-01'::timestamptz + i * interval '1 min',
  i % 3 = 0, jsonb_build_object('plan', 'p' || i % 5, 'tags', jsonb_build_array('a', 'b"c', i)), decode(md5(i::text) || md5((i + 1)::text), 'hex') FROM generate_series(1, 120000) i;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, total numeric(12,2), note text, at timestamptz);
INSERT INTO orders (user_id, total, note, at) SELECT 1 + i % 120000, (i::bigint * 7919 % 1000000) / 100.0,
  CASE WHEN i % 4 > 0 THEN 'note ' || i || E'\\n with "text" ' || md5(i::text) END, '2024-01-01'::timestamptz + i * interval '7 s' FROM generate_series(1, 300000) i;
CREATE INDEX ON orders (user_id);
CREATE TABLE events (id uuid PRIMARY KEY, kind text, payload jsonb, at timestamptz);
INSERT INTO events SELECT md5(i::text)::uuid, 'k' || i % 17, jsonb_build_object('i', i, 'x', md5(i::text)), '2024-01-01'::timestamptz + i * interval '11 s' FROM generate_series(1, 180000) i;`;

/** Beside PostgreSQL's own programs, on a server of this machine. */
export async function postgresSection(folder: string, runs: number): Promise<Section> {
  const bin = postgresPrograms();
  if (bin === undefined) throw new Error('there is no PostgreSQL here: apt-get install postgresql postgresql-contrib');
  nameCluster();
  try {
    const { url, name, psql } = await freshDatabase();
    psql(ROWS);
    psql('VACUUM ANALYZE', 'postgres');
    const size = Number(psql('SELECT pg_database_size(current_database())'));
    const host = new URL(url.replace('@/', '@host/')).searchParams.get('host') ?? '';
    const program = (each: string, ...args: readonly string[]) => [join(bin, each), '-h', host, '-U', 'app', ...args];
    const dump = (format: string): Command => ({ argv: program('pg_dump', format, '-f', join(folder, 'dump'), name) });
    const fresh = join(folder, 'fresh');
    const clear = () => rmSync(fresh, { recursive: true, force: true });
    const backup = race(
      { argv: overwinter(fresh, url, 'backup', '--quiet'), before: clear },
      [dump('-Fp'), dump('-Fc')],
      runs,
    );
    const again = race(
      { argv: overwinter(fresh, url, 'backup', '--quiet') },
      [{ argv: program('psql', '-qc', 'SELECT 1', name) }, { argv: [process.execPath, '-e', '0'] }],
      runs,
    );
    clear();
    const peak = peakMemory(overwinter(fresh, url, 'backup', '--quiet'));
    const ratio = (value: number | undefined) => value?.toFixed(2) ?? 'failed';
    const row = (what: string, names: readonly string[], { ours, ratios }: typeof backup) => [
      what,
      names.map((each, at) => `${ratio(ratios[at])} × ${each}`).join(', '),
      ours.toFixed(2),
    ];
    const rows = [
      row('backup', ['pg_dump -Fp', 'pg_dump -Fc'], backup),
      row('nothing changed', ["psql -c 'SELECT 1'", 'a start of node'], again),
    ];
    return {
      title: `600,000 rows on PostgreSQL, ${megabytes(size)}, medians of ${runs} runs`,
      text: `${table(['', 'takes', 'seconds'], rows)}\n\nPeak memory: backup ${megabytes(peak)}.`,
    };
  } finally {
    removeCluster();
  }
}
