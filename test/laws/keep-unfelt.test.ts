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
    import { readFileSync } from 'node:fs';
    ${BANK} ${filler(ROWS)}
    // Waiting for the disk in its own writes is the app's own; the other test is about that.
    db.pragma('synchronous = off');
    // What the system itself says this thread waited for a processor, in ms.
    const queued = () => {
      try { return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6; } catch { return 0; }
    };
    const rounds = [];
    for (let round = 0; round < 3; round++) {
      await sleep(300);
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const keeper = await keep(db, { dir, debounce: '20ms', longest: '50ms' });
      let backups = 0;
      keeper.on('backup', () => { backups++; });
      let stalled = 0;
      for (const end = Date.now() + ${isSlow ? 6000 : 1000}; Date.now() < end; ) {
        move.immediate(++n);
        const [begun, waited] = [performance.now(), queued()];
        await sleep(2);
        stalled = Math.max(stalled, performance.now() - begun - (queued() - waited));
      }
      await keeper.stop();
      delay.disable();
      rounds.push({ backups, stalled, worst: delay.max / 1e6, p99: delay.percentile(99) / 1e6 });
    }
    say('result ' + JSON.stringify(rounds));`,
  );
  const rounds: { backups: number; stalled: number }[] = JSON.parse((await app.heard('result ')).slice(7));
  console.log('event-loop delay in ms:', rounds);
  for (const { backups } of rounds) expect(backups).toBeGreaterThan(0);
  // A thread that waits for a processor is not held up by keep; and what keep does would show in every round.
  expect(Math.min(...rounds.map(({ stalled }) => stalled))).toBeLessThan(50);
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
