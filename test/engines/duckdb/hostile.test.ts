import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { SchemaObject } from '../../../src/core/manifest.ts';
import { type AsBackup, save, slicesOf } from '../../support/as-backup.ts';
import { scratch } from '../../support/scratch.ts';
import { fileOf, literal, open } from './support.ts';

let saved: AsBackup;
let secret = '';
beforeAll(async () => {
  secret = join(scratch(), 'secret.csv');
  writeFileSync(secret, 'a,b\n1,2\n');
  saved = await save(
    open(
      await fileOf(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, s VARCHAR, b BLOB, l INTEGER[], f BOOLEAN); INSERT INTO t VALUES (1, 'x', 'y', [1], true)",
      ),
    ),
  );
});

/** Restores what somebody made of a backup. */
async function restored(schema: readonly SchemaObject[], rows: readonly string[]): Promise<void> {
  const content = {
    ...saved.content,
    schema,
    data: new Map([
      ['t', { rows }],
      ...schema
        .filter(({ type, name }) => type === 'table' && name !== 't')
        .map(({ name }) => [name, { rows: [] }] as const),
    ]),
  };
  const database = open(join(scratch(), 'new.duckdb'));
  const staged = await database.stage('replace');
  try {
    await staged.load(content, slicesOf({ ...saved, content }), () => {});
  } finally {
    await staged.discard();
  }
}

const table = () => saved.content.schema.filter(({ type }) => type === 'table');
const LINE = '{"id":1,"s":"x","b":{"$blob":"eQ=="},"l":["1"],"f":true}';
const object = (type: string, sql: string) => ({ type, name: 'x', table: 'x', sql });

test('what is tried here is restored where nobody forged it', async () => {
  await restored(saved.content.schema, [LINE]);
});

test.each([
  ['several statements', () => object('view', 'CREATE VIEW x AS SELECT 1; DROP TABLE t')],
  ['another statement', () => object('view', "ATTACH ':memory:' AS x")],
  ['another kind of statement', () => object('index', 'CREATE TABLE x(a INTEGER)')],
  ['a file that is written', () => object('view', `COPY t TO ${literal(`${secret}.copy`)}`)],
  ['an extension that is fetched', () => object('macro', 'INSTALL httpfs')],
  ['a view over a file', () => object('view', `CREATE VIEW x AS SELECT * FROM read_csv(${literal(secret)})`)],
  ['a table made of a file', () => object('table', `CREATE TABLE x AS SELECT * FROM read_csv(${literal(secret)})`)],
  ['a table made of rows nobody listed', () => object('table', 'CREATE TABLE x AS SELECT 1 AS a')],
  ['something else than it is called', () => object('view', 'CREATE VIEW y AS SELECT 1')],
  ['one that replaces another', () => object('table', 'CREATE OR REPLACE TABLE t(id INTEGER)')],
  ['one that is not there afterwards', () => object('view', 'CREATE VIEW IF NOT EXISTS t AS SELECT 1')],
])('a definition that is %s is refused', async (_, forged) => {
  await expect(restored([...table(), forged()], [LINE])).rejects.toMatchObject({ code: 'RESTORE_INEXACT' });
});

test.each([
  ['a missing column', LINE.replace(',"f":true', '')],
  ['one more column', LINE.replace('}', ',"z":1}').replace('eQ==","z":1}', 'eQ=="}').replace('true}', 'true,"z":1}')],
  ['a column twice', LINE.replace('"f":true', '"f":true,"f":false')],
  ['another order', '{"s":"x","id":1,"b":null,"l":null,"f":null}'],
  ['a text in the place of bytes', LINE.replace('{"$blob":"eQ=="}', '"y"')],
  ['bytes in the place of a text', LINE.replace('"s":"x"', '"s":{"$blob":"eQ=="}')],
  ['a text in the place of a list', LINE.replace('["1"]', '"[1]"')],
  ['a list that never ends', LINE.replace('["1"]', '["1"')],
  ['a word that is none', LINE.replace('true', 'truth')],
  ['a number that is none', LINE.replace('"id":1', '"id":1x')],
  ['a number that does not fit', LINE.replace('"id":1', '"id":3000000000')],
  ['bytes that are none', LINE.replace('eQ==', 'e?')],
  ['an escape that is none', LINE.replace('"x"', '"\\q"')],
  ['half a character', LINE.replace('"x"', '"\\ud800"')],
  ['no object', '[1]'],
])('a row with %s is refused', async (_, line) => {
  await expect(restored(table(), [line])).rejects.toMatchObject({ code: 'RESTORE_INEXACT' });
});
