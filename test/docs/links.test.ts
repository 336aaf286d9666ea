import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const tracked = (pattern: string) =>
  execFileSync('git', ['ls-files', '--', pattern], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);
const pages = tracked('*.md').filter((file) => !/^(examples|backups|test)\//.test(file));
const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** A heading's address, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

function anchorsIn(file: string): Set<string> {
  const text = readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

function deadLinks(page: string): string[] {
  const text = withoutCode(readFileSync(join(ROOT, page), 'utf8'));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .flatMap(([, target]) => (target === undefined || /^[a-z]+:/.test(target) ? [] : [target]))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && file.endsWith('.md') && !anchorsIn(file).has(anchor);
    });
}

test('there are pages, and links in them', () => {
  expect(pages).toContain('README.md');
  expect(pages.length).toBeGreaterThan(15);
});

test.each(pages)('every link in %s leads somewhere', (page) => {
  expect(deadLinks(page)).toEqual([]);
});

test('every page that a help text or a message names is there', () => {
  const named = tracked('src/*.ts').flatMap((file) => {
    const found = readFileSync(join(ROOT, file), 'utf8').match(/docs\/[\w/-]+\.md/g) ?? [];
    return found.map((page) => ({ page, file: relative(ROOT, join(ROOT, file)) }));
  });
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ page }) => !existsSync(join(ROOT, page)))).toEqual([]);
});
