import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { makeSite, placeOf, sitePages } from '../../scripts/site.ts';
import { lasting } from '../support/scratch.ts';

const folder = lasting();
const SOURCE = 'https://git.example.org/you/overwinter/blob/main';
const pages = sitePages().map(placeOf);
const textOf = (page: string) => readFileSync(join(folder, page), 'utf8');

beforeAll(() => makeSite(folder, SOURCE));

test('has a page for every document, and a front page', () => {
  expect(pages).toContain('index.html');
  expect(pages).toContain('docs/index.html');
  expect(pages.length).toBeGreaterThan(50);
  expect(textOf('index.html')).toContain('<h1 id="overwinter">Overwinter</h1>');
});

test.each(pages)('every link in %s leads somewhere', (page) => {
  const dead = [...textOf(page).matchAll(/(?:href|src)="([^"]+)"/g)]
    .map(([, to = '']) => to.replaceAll('&amp;', '&'))
    .filter((to) => !/^[a-z]+:/.test(to) && isDead(page, to));
  expect(dead).toEqual([]);
});

function isDead(page: string, to: string): boolean {
  const [path = '', anchor] = to.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(folder, file)) || !statSync(join(folder, file)).isFile()) return true;
  return anchor !== undefined && !textOf(file).includes(` id="${anchor}"`);
}

test('nothing in it has to run, and it is small', () => {
  for (const page of pages) expect(textOf(page)).not.toMatch(/<script|\son\w+=/);
  expect(pages.reduce((sum, page) => sum + statSync(join(folder, page)).size, 0)).toBeLessThan(2_000_000);
});
