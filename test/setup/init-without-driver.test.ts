import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

test('init changes nothing where the driver does not run, and says what to do', () => {
  const folder = scratch();
  const broken = join(scratch(), 'broken.cjs');
  writeFileSync(
    broken,
    "process.dlopen = () => { throw Object.assign(new Error('no'), { code: 'ERR_DLOPEN_FAILED' }); };",
  );
  writeFileSync(join(folder, 'package.json'), '{}');
  const init = ['--require', broken, MAIN, 'init', '--db', 'app.db'];
  const { status, stderr } = spawnSync(process.execPath, init, { cwd: folder, encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('DRIVER_NOT_BUILT')]);
  expect(readdirSync(folder)).toEqual(['package.json']);
});
