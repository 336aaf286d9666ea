import { PGlite } from '@electric-sql/pglite';
import { citext } from '@electric-sql/pglite/contrib/citext';
import { hstore } from '@electric-sql/pglite/contrib/hstore';
import { expect, test } from 'vitest';
import { readSchema } from '../../../src/engines/postgres/catalog/read-schema.ts';
import type { Session } from '../../../src/engines/postgres/driver.ts';
import { sessionIn } from '../../../src/engines/postgres/pglite-driver.ts';
import { makeAll } from '../../../src/engines/postgres/restore/make-schema.ts';
import { beginWriting } from '../../../src/engines/postgres/restore/transaction.ts';
import { isSlow } from '../../support/chance.ts';
import { postgresPrograms } from '../../support/postgres.ts';
import { schemaFile } from './support.ts';

/** What only PostgreSQL 18 has, which PGlite is. */
const NEW = `CREATE TABLE newer (a int CONSTRAINT named NOT NULL, b int NOT NULL NO INHERIT, c int, v int GENERATED ALWAYS AS (a + 1) VIRTUAL,
  CONSTRAINT lenient CHECK (a > 0) NOT ENFORCED);
ALTER TABLE newer ADD CONSTRAINT later NOT NULL c NOT VALID; COMMENT ON CONSTRAINT named ON newer IS 'named';`;

const constraintsOf = async (session: Session) =>
  (
    await session.query(`SELECT conrelid::regclass, conname, contype, convalidated, connoinherit, conislocal, coninhcount, conenforced, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE oid >= 16384 AND contype IN ('n', 'c', 'f') AND conparentid = 0`)
  )
    .map((row) => row.join('|'))
    .sort();

// A server does the same, sooner; but this is another version.
test.skipIf(postgresPrograms() !== undefined && !isSlow)(
  'the schema of a PGlite database is made again as it was',
  { timeout: 120_000 },
  async () => {
    const [from, to] = [
      await PGlite.create({ extensions: { citext, hstore } }),
      await PGlite.create({ extensions: { citext, hstore } }),
    ];
    for (const db of [from, to]) await db.exec('CREATE ROLE app; CREATE ROLE reader');
    for (const sql of [schemaFile('torture.sql'), schemaFile('types.sql'), NEW]) await from.exec(sql);
    const [source, target] = [await sessionIn(from), await sessionIn(to)];
    await beginWriting(source, 1000);
    await beginWriting(target, 1000);
    const { schema, leftAlone } = await readSchema(source, 'from');
    expect(leftAlone).toEqual([]);
    await makeAll(target, 'to', schema);
    expect((await readSchema(target, 'to')).schema).toEqual(schema);
    expect(await constraintsOf(target)).toEqual(await constraintsOf(source));
    for (const session of [source, target]) await session.close();
    for (const db of [from, to]) await db.close();
  },
);
