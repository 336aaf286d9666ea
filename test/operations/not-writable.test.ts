import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { whyNotWritable } from '../../src/files/writable.ts';
import { safeProject } from '../support/safe-project.ts';
import { scratch } from '../support/scratch.ts';

const system = (...[command = '', ...args]: string[]) => execFileSync(command, args, { stdio: 'ignore' });
const isRoot = process.getuid?.() === 0;

/** Rights keep nobody out who is root; a disk that is mounted to be read does, and root alone may mount. */
function canClose(): boolean {
  if (!isRoot) return process.platform !== 'win32';
  try {
    system('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp');
    return true;
  } catch {
    return false;
  }
}

const opening: (() => void)[] = [];
afterEach(() => {
  for (const open of opening.splice(0)) open();
});

function close(folder: string): void {
  if (!isRoot) {
    chmodSync(folder, 0o555);
    opening.push(() => chmodSync(folder, 0o755));
    return;
  }
  system('mount', '--bind', folder, folder);
  opening.push(() => system('umount', folder));
  system('mount', '-o', 'remount,bind,ro', folder);
}

// Without it nothing here is closed: run as another user than root, or where root may mount.
test.skipIf(!canClose()).each([
  ["the database's folder", '.', 'boots', 'red'],
  ['.overwinter', '.overwinter', 'boots', 'red'],
  ['the backups', 'backups', 'saved', 'yellow'],
])('what cannot be written is not green: %s', { timeout: 60_000 }, (_name, path, step, light) => {
  const project = safeProject();
  const status = () => JSON.parse(project.run('status', '--json').stdout);
  expect(status().light).toBe('green');
  close(join(project.top, path));
  const { chain } = status();
  expect(chain.light).toBe(light);
  const found = chain.steps.find(({ name }: { name: string }) => name === step);
  expect(found).toMatchObject({ light, cause: 'not-writable', text: expect.stringContaining('cannot be written') });
  expect(project.run('doctor', '--offline').stdout).toContain('cannot be written');
});

test('what is tried is gone again, and what is not there yet is made in the nearest folder that is', () => {
  const folder = scratch();
  expect(whyNotWritable(folder, true)).toBeUndefined();
  expect(whyNotWritable(join(folder, 'a/b'), true)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});
