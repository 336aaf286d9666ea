import { describe, expect, test } from 'vitest';
import type { Committing } from '../../../src/engines/engine.ts';
import { postgresDatabase } from '../../../src/engines/postgres/database.ts';
import { readOwnMark, writeOwnMark } from '../../../src/engines/postgres/own-mark.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { openFolder, sessionIn } from '../../../src/engines/postgres/pglite-driver.ts';
import { onServer } from '../../../src/engines/postgres/server.ts';
import { slicesOf } from '../../support/as-backup.ts';
import { pgDump } from '../../support/pg-dump.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';
import { saved } from './support.ts';

const at = (url: string) => postgresDatabase(onServer(url, {}, 1000));
const COMMENT = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()";
const commentOf = ({ psql }: TestDatabase) => psql(COMMENT).trimEnd();

async function write({ url }: TestDatabase, mark: string | null, end = 'COMMIT') {
  const session = await connectToServer(url, {});
  try {
    await session.query('BEGIN');
    const marked = await writeOwnMark(session, mark);
    await session.query(end);
    return marked;
  } finally {
    await session.close();
  }
}

describe.skipIf(postgresPrograms() === undefined)('what a database on a server says of itself', () => {
  test('is there for whoever asks, in their words, until it is taken off', async () => {
    const database = await freshDatabase();
    const { place, text } = (await at(database.url).ownMark?.()) ?? {};
    expect([place, text]).toEqual([expect.stringMatching(/^\d+\/1\/\d+$/), undefined]);
    const words = `it's "made" \\ for {"a": 1}`;
    await write(database, words, 'ROLLBACK');
    expect(await at(database.url).ownMark?.()).toEqual({ place });
    expect(await write(database, words)).toEqual({ isSaid: true, place });
    expect(await at(database.as('postgres')).ownMark?.()).toEqual({ place, text: words });
    expect(await write(database, 'another')).toEqual({ isSaid: true, place });
    expect(await at(database.url).ownMark?.()).toEqual({ place, text: 'another' });
    expect(await at(database.url).removeOwnMark?.()).toEqual({ isSaid: true, place });
    expect([await at(database.url).ownMark?.(), commentOf(database)]).toEqual([{ place }, '']);
  });

  test('stands beside what somebody else wrote, which stays', async () => {
    const database = await freshDatabase();
    const theirs = "Ask Ada's team.\n\nOverwinter is used here.";
    database.psql(`COMMENT ON DATABASE ${database.name} IS '${theirs.replaceAll("'", "''")}'`);
    await write(database, 'made');
    expect(commentOf(database)).toBe(`${theirs}\nOverwinter: made`);
    await write(database, 'made again');
    expect(commentOf(database)).toBe(`${theirs}\nOverwinter: made again`);
    await write(database, null);
    expect(commentOf(database)).toBe(theirs);
  });

  test('is no part of what is saved, restored or dumped, and what is read says what stood in its moment', async () => {
    const database = await freshDatabase();
    database.psql('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');
    const [before, dump] = [await saved(database), pgDump(database)];
    const early = await at(database.url).read(scratch());
    await write(database, 'made');
    const late = await at(database.url).read(scratch());
    expect([early.ownMark, late.ownMark?.text]).toEqual([undefined, 'made']);
    await Promise.all([early.close(), late.close()]);
    expect([(await saved(database)).digest, pgDump(database)]).toEqual([before.digest, dump]);
    const staged = await at(database.url).stage('replace');
    await staged.load(before.content, slicesOf(before), () => {});
    const how: Committing = {
      ignore: [],
      patience: 1000,
      keep: async () => {},
      replaced() {},
      asideFolder: scratch,
      stamp: '20261120',
    };
    // Whoever says nothing of it leaves it as it is.
    expect(await staged.commit(how)).toEqual({ setAside: undefined });
    expect((await at(database.url).ownMark?.())?.text).toBe('made');
  });

  test('is changed by nobody but the owner', async () => {
    const database = await freshDatabase();
    await write(database, 'made');
    database.psql(`ALTER DATABASE ${database.name} OWNER TO postgres`, 'postgres');
    expect(await write(database, 'other')).toEqual({ isSaid: false });
    expect(await at(database.url).removeOwnMark?.()).toEqual({ isSaid: false });
    // What it says already is said.
    expect(await write(database, 'made')).toMatchObject({ isSaid: true });
    expect((await at(database.url).ownMark?.())?.text).toBe('made');
  });
});

test('a database in a folder says it, too', async () => {
  const folder = scratch();
  const db = await openFolder(folder, folder);
  try {
    const session = await sessionIn(db);
    const write = async (mark: string | null) => {
      await session.query('BEGIN');
      const marked = await writeOwnMark(session, mark);
      await session.query('COMMIT');
      return [marked.isSaid, (await readOwnMark(session)).text];
    };
    expect(await write('made')).toEqual([true, 'made']);
    expect(await write(null)).toEqual([true, undefined]);
    await session.close();
  } finally {
    await db.close();
  }
});
