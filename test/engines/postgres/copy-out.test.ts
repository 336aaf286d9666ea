import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { copyOut } from '../../../src/engines/postgres/copy-out.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { tries } from '../../support/chance.ts';
import { freshDatabase, postgresPrograms } from '../../support/postgres.ts';

function message(kind: string, body: string): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.from(`${kind}0000`);
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

const END = Buffer.concat([message('c', ''), message('C', 'COPY 1\0'), message('Z', 'I')]);

/** What the driver is asked with, as far as it matters here. */
interface Asked {
  submit(connection: object): void;
  handleReadyForQuery(): void;
}

/** A driver that listens, and a server that sends these bytes in these pieces. */
async function copied(pieces: readonly Buffer[]): Promise<{ rows: string; left: Buffer; listeners: number }> {
  const stream = new PassThrough();
  const seen: Buffer[] = [];
  let asked: Asked | undefined;
  stream.on('data', (chunk: Buffer) => {
    seen.push(chunk);
    if (Buffer.concat(seen).length === END.length) asked?.handleReadyForQuery();
  });
  const client = new pg.Client();
  const query = (given: Asked) => {
    asked = given;
    given.submit({
      stream,
      query: async () => {
        for (const piece of pieces) {
          stream.write(Buffer.from(piece));
          await new Promise((go) => setImmediate(go));
        }
      },
    });
  };
  Object.assign(client, { query });
  const rows: Buffer[] = [];
  for await (const some of copyOut(client, 'COPY t TO STDOUT')) rows.push(Buffer.from(some));
  return { rows: Buffer.concat(rows).toString(), left: Buffer.concat(seen), listeners: stream.listenerCount('data') };
}

test('rows are taken out of messages wherever these are cut, and the rest is the driver’s', async () => {
  const some = fc.record({
    rows: fc.array(fc.string({ maxLength: 30 }), { maxLength: 20 }),
    notices: fc.array(fc.nat(20), { maxLength: 3 }),
    cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
  });
  const same = fc.asyncProperty(some, async ({ rows, notices, cuts }) => {
    const messages = rows.map((each) => message('d', `${each}\n`));
    for (const at of notices) messages.splice(at, 0, message('N', 'a notice\0'));
    const all = Buffer.concat([message('H', '\0\0\0'), ...messages, END]);
    const pieces: Buffer[] = [];
    for (let at = 0, turn = 0; at < all.length; turn++) {
      const size = cuts[turn % cuts.length] ?? 1;
      pieces.push(all.subarray(at, at + size));
      at += size;
    }
    const { rows: came, left, listeners } = await copied(pieces);
    expect(came).toBe(rows.map((each) => `${each}\n`).join(''));
    expect(left.equals(END)).toBe(true);
    expect(listeners).toBe(1);
  });
  await fc.assert(same, { numRuns: tries(200, 3000) });
});

describe.skipIf(postgresPrograms() === undefined)('a server', () => {
  const SERIES = 'COPY (SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 50000) i) TO STDOUT';

  test('is asked on after one COPY or many, and after one that fails', async () => {
    const { url } = await freshDatabase();
    const session = await connectToServer(url, {});
    let bytes = 0;
    for (let turn = 0; turn < 3; turn++) for await (const some of session.copyOut(SERIES)) bytes += some.length;
    expect(bytes).toBeGreaterThan(3 * 50_000 * 640);
    const failing = async () => {
      for await (const some of session.copyOut(
        'COPY (SELECT 1 / (3000 - i) FROM generate_series(1, 5000) i) TO STDOUT',
      ))
        bytes += some.length;
    };
    await expect(failing()).rejects.toMatchObject({ code: '22012' });
    expect(await session.query('SELECT 1')).toEqual([['1']]);
    await session.close();
  });

  test('is let go of in the middle of one, and a server that goes away is noticed', async () => {
    const { url, psql } = await freshDatabase();
    const session = await connectToServer(url, {});
    for await (const some of session.copyOut(SERIES)) {
      expect(some.length).toBeGreaterThan(0);
      break;
    }
    await session.close();
    const other = await connectToServer(url, {});
    const ending = async () => {
      for await (const some of other.copyOut(SERIES))
        if (some.length > 0)
          psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'overwinter' AND datname = current_database()",
            'postgres',
          );
    };
    await expect(ending()).rejects.toThrow();
    await other.close();
  });
});
