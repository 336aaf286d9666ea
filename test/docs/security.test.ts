import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** The rows of every table whose last column names tests. */
const claims = page
  .split(/\n(?=\|[^\n]*\|\n\|---)/)
  .filter((block) => /^\|[^\n]*\| shown by \|\n/.test(block))
  .flatMap((block) => (block.split('\n\n')[0] ?? '').split('\n').slice(2));

describe('docs/security.md', () => {
  test('makes claims', () => {
    expect(claims.length).toBeGreaterThan(15);
  });

  test.each(claims)('%s', (claim) => {
    const [, threat = '', prevention = '', tests = ''] = claim.split('|');
    expect(threat.trim()).not.toBe('');
    expect(prevention.trim()).not.toBe('');
    const files = [...tests.matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file);
    expect(files.length, 'a test for every claim').toBeGreaterThan(0);
    for (const file of files) {
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      expect(readFileSync(join(ROOT, file), 'utf8'), file).toMatch(/\btest\w*(\.\w+)*(<.*>)?\(/);
    }
  });

  test('names every suite about hostile input', () => {
    const suites = readdirSync(join(ROOT, 'test/laws')).filter((file) =>
      /^(hostile-(backups|files|left-out)|fuzz)/.test(file),
    );
    for (const file of suites) expect(page).toContain(`test/laws/${file}`);
  });

  test('and SECURITY.md lead to each other', () => {
    expect(readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')).toContain('docs/security.md');
    expect(page).toContain('SECURITY.md');
  });
});
