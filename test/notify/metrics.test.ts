import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { metricsText } from '../../src/core/metrics.ts';
import { basic, READ, stage } from '../panel/support.ts';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

/** Reads the text format as a scraper does; throws for a line that is none. */
function read(text: string): Map<string, number> {
  const values = new Map<string, number>();
  const typed = new Set<string>();
  let current = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const [, type] = /^# TYPE ([a-z_]+) gauge$/.exec(line) ?? [];
    if (type !== undefined) {
      // A family stands together.
      if (typed.has(type)) throw new Error(`twice: ${type}`);
      typed.add(type);
      current = type;
    }
    if (line.startsWith('#')) continue;
    const [, name = '', labels = '', value = ''] =
      /^([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} (-?\d+(?:\.\d+)?)$/.exec(line) ?? [];
    if (name === '' || name !== current) throw new Error(`no line of its family: ${line}`);
    values.set(`${name.replace('overwinter_', '')} ${labels}`, Number(value));
  }
  expect(text.endsWith('\n')).toBe(true);
  return values;
}

function database(path: string, rows: number): void {
  const db = new Database(path);
  db.exec('create table if not exists notes (text)');
  for (let i = 0; i < rows; i++) db.prepare("insert into notes values ('a')").run();
  db.close();
}

test('overwinter status --metrics says what status says, of every database and store', () => {
  const folder = scratch();
  const usb = join(folder, 'usb "1"');
  const config = {
    databases: [{ db: 'app.db' }, { db: 'jobs.db' }],
    stores: [`folder:${usb}`],
    notify: ['slack:env:NOT_SET'],
  };
  writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify(config));
  database(join(folder, 'app.db'), 3);
  database(join(folder, 'jobs.db'), 5);
  const figures = () => {
    const { code, stdout, stderr } = overwinter(folder, ['status', '--metrics']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return read(stdout);
  };
  const before = figures();
  expect(before.get('backups database="app"')).toBe(0);
  expect(before.get('light database="app"')).toBe(2);
  // What is not known is no figure.
  expect([...before.keys()].filter((key) => key.startsWith('last_backup'))).toEqual([]);

  overwinter(folder, ['backup']);
  overwinter(folder, ['push']);
  mkdirSync(usb);
  overwinter(folder, ['push', '--db', 'jobs']);
  overwinter(folder, ['verify', '--db', 'app']);
  const after = figures();
  const store = usb.replaceAll('"', '\\"');
  expect(after.get('last_backup_rows database="app"')).toBe(3);
  expect(after.get('last_backup_rows database="jobs"')).toBe(5);
  expect(after.get('step_light database="app",step="saved"')).toBe(0);
  expect(after.get('step_light database="app",step="drilled"')).toBe(0);
  expect(after.get('step_light database="jobs",step="drilled"')).toBe(1);
  expect(after.get(`store_light database="app",store="${store}"`)).toBe(2);
  expect([...after].find(([key]) => key.startsWith('store_light database="jobs"'))?.[1]).toBe(0);
  expect(after.get('receiver_light receiver="slack:env:NOT_SET"')).toBe(1);
  const made = after.get('last_backup_timestamp_seconds database="app"') ?? 0;
  expect(Math.abs(made - Date.now() / 1000)).toBeLessThan(60);
  expect(after.get('last_drill_timestamp_seconds database="app"')).toBeGreaterThan(made - 1);
  const { light } = JSON.parse(overwinter(folder, ['status', '--json']).stdout).databases.app;
  expect(after.get('light database="app"')).toBe(['green', 'yellow', 'red'].indexOf(light));

  for (const other of ['--json', '--store=folder'])
    expect(overwinter(folder, ['status', '--metrics', other])).toMatchObject({ code: 2 });
});

test('the panel gives them to whoever may read, and to nobody else', async () => {
  const { get, backup } = stage();
  backup('one');
  expect((await get('metrics', {})).status).toBe(401);
  const answer = await get('metrics', { authorization: `Bearer ${READ}` });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const values = read(await answer.text());
  expect(values.get('backups database="app"')).toBe(1);
  expect(values.get('last_backup_rows database="app"')).toBe(4);
  expect((await get('metrics', basic(READ))).status).toBe(200);
});

test('a name breaks no line', () => {
  const labels = { store: 'a"b\\c\nd\u001b[2J' };
  const text = metricsText([{ name: 'x', help: 'A figure.', values: [{ labels, value: 1 }] }]);
  expect(text).toBe(
    '# HELP overwinter_x A figure.\n# TYPE overwinter_x gauge\noverwinter_x{store="a\\"b\\\\c\\nd<U+001B>[2J"} 1\n',
  );
});
