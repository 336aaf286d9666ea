import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { firstSteps, withoutChance } from '../../scripts/first-steps.ts';
import { isSlow } from '../support/chance.ts';
import { prebuilt } from '../support/prebuilt.ts';
import { whyNoRegistry } from '../support/registry.ts';
import { FASTEST, scratch } from '../support/scratch.ts';

const page = withoutChance(readFileSync(resolve(import.meta.dirname, '../../docs/first-steps.md'), 'utf8'));

test('docs/first-steps.md is what a stranger sees today', () => {
  vi.stubEnv('TMPDIR', FASTEST);
  try {
    expect(page, "'npm run first-steps' writes it anew").toBe(withoutChance(firstSteps('link')));
  } finally {
    vi.unstubAllEnvs();
  }
});

test.runIf(isSlow)('and what a stranger sees for whom npm installs everything', { timeout: 600_000 }, ({ skip }) => {
  const why = whyNoRegistry();
  skip(why !== undefined, why);
  for (const [name, value] of Object.entries(prebuilt(scratch()))) vi.stubEnv(name, value);
  try {
    expect(page, "'npm run first-steps' writes it anew").toBe(withoutChance(firstSteps('npm')));
  } finally {
    vi.unstubAllEnvs();
  }
});

test('only times, ids and the counts of npm are left to chance', () => {
  expect(withoutChance('Saved 2 rows as backup_20261121_082159_bdab72c6')).toBe('Saved 2 rows as BACKUP');
  expect(withoutChance('[main 39b3de4] 3 rows (2026-11-21T08:22:01.544Z)')).toBe('[main COMMIT] 3 rows (TIME)');
});
