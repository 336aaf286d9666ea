import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { isSlow } from '../../support/chance.ts';
import { MAIN } from '../../support/command-line.ts';
import { longHistory } from '../../support/long-history.ts';
import { scratch } from '../../support/scratch.ts';

/** Tells on its way out how much memory the process had at most, in KB, and how long it was at work: others may be at work beside it. */
const TELL = `data:text/javascript,${encodeURIComponent(`process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write('\\nmost ' + maxRSS + ' ' + (userCPUTime + systemCPUTime) / 1e6);
})`)}`;

const SIZE = isSlow ? { rows: 1_000_000, backups: 1000 } : { rows: 30_000, backups: 120 };

test('a row of a large table is followed through a thousand backups in a moment', async () => {
  const folder = scratch();
  const { changes } = await longHistory(folder, SIZE.rows, SIZE.backups, 20_000);
  const log = (...args: string[]) => {
    const ran = spawnSync(process.execPath, ['--import', TELL, MAIN, 'log', ...args, '--db', 'app.db', '--json'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    expect(ran.status, ran.stderr).toBe(0);
    const [, kilobytes, seconds] = /\nmost (\d+) ([\d.]+)$/.exec(ran.stderr) ?? [];
    return { events: JSON.parse(ran.stdout), seconds: Number(seconds), megabytes: Number(kilobytes) / 1024 };
  };
  const row = log('orders', '20000');
  expect(row.events).toHaveLength(changes + 1);
  expect(row.events[0]).toMatchObject({ change: 'changed', after: { id: 20_000, email: 'someone20000@example.org' } });
  const table = log('orders');
  expect(table.events).toHaveLength(SIZE.backups);
  expect(table.events[0]).toMatchObject({ added: 0, changed: 1, removed: 0 });
  if (!isSlow) return;
  console.info('a row', row.seconds, row.megabytes, 'the table', table.seconds, table.megabytes);
  expect(row.seconds).toBeLessThan(3);
  expect(row.megabytes).toBeLessThan(250);
}, 600_000);
