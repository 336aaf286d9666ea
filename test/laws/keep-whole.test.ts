import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { restore } from '../../src/operations/restore.ts';
import { startApp } from '../support/app.ts';
import { isSlow } from '../support/chance.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { ACCOUNTS, BANK, EACH } from '../support/shop.ts';

const BACKUPS = isSlow ? 60 : 12;
const TRIES = isSlow ? 100 : 10;

/** Restores a backup, checks that its money adds up, and says which move was its last. */
async function lastMove(folder: string, name: string): Promise<number> {
  const to = join(folder, `restored-${name}-${Math.random()}.db`);
  await restore(projectIn(folder), { name, to });
  const db = new Database(to);
  try {
    expect(db.prepare('SELECT sum(money) FROM accounts').pluck().get()).toBe(ACCOUNTS * EACH);
    const moves = db
      .prepare<[], { last: number; count: number }>('SELECT ifnull(max(n), 0) AS last, count(*) AS count FROM moves')
      .get();
    expect(moves?.count).toBe(moves?.last);
    return moves?.last ?? -1;
  } finally {
    db.close();
  }
}

test(`law 1: each of ${BACKUPS} backups is one moment, while the app writes at full speed`, {
  timeout: 180_000,
}, async () => {
  const folder = scratch();
  const app = startApp(
    folder,
    `${BANK} db.pragma('synchronous = normal');
    const keeper = await keep(db, { dir, debounce: '20ms', longest: '50ms', retention: { last: 1000 } });
    keeper.on('backup', ({ result }) => say('backup ' + result.name));
    const step = () => { for (let i = 0; i < 20; i++) move.immediate(++n); setImmediate(step); };
    step();`,
  );
  const names: string[] = [];
  while (names.length < BACKUPS) names.push((await app.heard('backup ')).slice(7));
  // While they are looked at it would only write more, which none of them has.
  app.signal('SIGKILL');
  const moves: number[] = [];
  for (const name of names) moves.push(await lastMove(folder, name));
  expect([...moves].sort((a, b) => a - b)).toEqual(moves);
  expect(moves.at(-1)).toBeGreaterThan(moves[0] ?? 0);
});

test(`${TRIES} times SIGTERM in a burst of writes: what was committed before it is in the last backup`, {
  timeout: 600_000,
}, async () => {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const folder = scratch();
    const app = startApp(
      folder,
      `${BANK} db.pragma('synchronous = normal');
      await keep(db, { dir, debounce: '${attempt % 2 === 0 ? '1h' : '20ms'}', longest: '${attempt % 2 === 0 ? '1h' : '40ms'}' });
      const step = () => { for (let i = 0; i < 10; i++) { move.immediate(++n); say(String(n)); } setImmediate(step); };
      step();`,
    );
    await app.heard('1');
    await new Promise((go) => setTimeout(go, Math.random() * 150));
    const committed = Number(app.last());
    app.signal('SIGTERM');
    expect({ ...(await app.ended), errors: app.errors() }).toEqual({ code: null, signal: 'SIGTERM', errors: '' });
    expect(await lastMove(folder, 'latest')).toBeGreaterThanOrEqual(committed);
  }
});
