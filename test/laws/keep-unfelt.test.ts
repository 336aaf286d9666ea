import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { isSlow } from '../support/chance.ts';
import { scratch } from '../support/scratch.ts';
import { BANK, filler } from '../support/shop.ts';

const ROWS = 100_000;
const ROUNDS = isSlow ? 6 : 2;

test(`the event loop is free while a database of ${ROWS} rows is kept`, { timeout: 120_000 }, async () => {
  const app = startApp(
    scratch(),
    `import { monitorEventLoopDelay } from 'node:perf_hooks';
    ${BANK} ${filler(ROWS)} db.pragma('synchronous = normal');
    await sleep(300);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const keeper = await keep(db, { dir, debounce: '20ms', longest: '50ms' });
    let backups = 0;
    keeper.on('backup', () => { backups++; });
    const until = Date.now() + ${isSlow ? 10_000 : 4000};
    while (Date.now() < until) { move.immediate(++n); await sleep(2); }
    const early = delay.max / 1e6;
    await keeper.stop();
    delay.disable();
    say('result ' + JSON.stringify({ backups, whileRunning: early, worst: delay.max / 1e6, mean: delay.mean / 1e6, p99: delay.percentile(99) / 1e6 }));`,
  );
  const result = JSON.parse((await app.heard('result ')).slice(7));
  console.log('event-loop delay in ms:', result);
  expect(result.backups).toBeGreaterThan(2);
  expect(result.worst).toBeLessThan(50);
});

/** What an app that serves requests does: a write, then a while of something else. */
test('the slowest writes of the app stay about as fast as without', { timeout: 120_000 }, async () => {
  const app = startApp(
    scratch(),
    `${BANK} ${filler(20_000)} db.pragma('synchronous = normal');
    const slowest = async (milliseconds) => {
      const times = [];
      for (const end = performance.now() + milliseconds; performance.now() < end; ) {
        const begun = performance.now();
        move.immediate(++n);
        times.push(performance.now() - begun);
        await sleep(1);
      }
      return times;
    };
    const percentile = (times, share) => times.sort((a, b) => a - b)[Math.floor(times.length * share)];
    await slowest(300);
    const without = [], kept = [];
    let backups = 0;
    for (let round = 0; round < ${ROUNDS}; round++) {
      without.push(...await slowest(1500));
      const keeper = await keep(db, { dir, debounce: '100ms', longest: '500ms' });
      keeper.on('backup', () => { backups++; });
      kept.push(...await slowest(1500));
      await keeper.stop();
    }
    say('result ' + JSON.stringify({ backups, writes: [without.length, kept.length], p50: [percentile(without, 0.5), percentile(kept, 0.5)],
      p99: [percentile(without, 0.99), percentile(kept, 0.99)] }));`,
  );
  const result: { backups: number; p99: [number, number] } = JSON.parse((await app.heard('result ')).slice(7));
  console.log('writes in ms, without and with keep:', result);
  const [without, kept] = result.p99;
  expect(result.backups).toBeGreaterThan(2);
  // The rest is the grain of a busy machine's scheduler.
  expect(kept).toBeLessThan(2 * without + 0.5);
});
