import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const GUIDES = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => join('docs', file));
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'examples/budget/README.md', ...GUIDES];

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const withoutCode = (text: string) => text.replaceAll(/^```[\s\S]*?^```/gm, '');

/** What GitHub makes of a heading. */
const anchorsOf = (page: string) =>
  [...withoutCode(read(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

const linksOf = (page: string) =>
  [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));

interface Usage {
  readonly page: string;
  readonly command: string;
  readonly flags: readonly string[];
  readonly line: string;
}

/** Every 'overwinter COMMAND --flag' in a page's code. What stands after ' -- ' is another program's. */
function usagesOf(page: string): readonly Usage[] {
  const text = read(page);
  const blocks = [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm)].flatMap(([, code = '']) => code.split('\n'));
  const spans = [...withoutCode(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...spans].flatMap((code) => {
    const line = code.replaceAll(/["',[\]]+ ?/g, ' ');
    return [...line.matchAll(/\boverwinter +([a-z]+(?:-[a-z]+)*)\b([^|&;]*)/g)]
      .filter(([whole]) => !whole.includes('='))
      .map(([, command = '', rest = '']) => ({
        page,
        line: code.trim(),
        command,
        flags: [...(rest.split(/ --(?= |$)| #/)[0] ?? '').matchAll(/(?<= )--[a-z][a-z-]*/g)].map(([flag]) => flag),
      }));
  });
}

describe.each(PAGES)('%s', (page) => {
  test('leads to pages and headings that are there', () => {
    for (const link of linksOf(page)) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
      expect(existsSync(join(ROOT, target)), `${link} in ${page}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(target), `${link} in ${page}`).toContain(anchor);
    }
  });
});

describe('the program', () => {
  const usages = PAGES.filter((page) => /guides|README/.test(page)).flatMap(usagesOf);
  const folder = scratch();
  const listed = overwinter(folder, ['--help']).stdout;
  const commands = [...listed.matchAll(/^ {2}([a-z][a-z-]*)(?:\|[a-z]+)? /gm)].map(([, name = '']) => name);
  const used = [...new Set(usages.map(({ command }) => command))].sort();

  test('is shown at work in the guides', () => {
    expect(usages.length).toBeGreaterThan(80);
    expect(used.length).toBeGreaterThan(15);
  });

  test('has its commands in the table of the README, but for those that git calls', () => {
    const cells = [...read('README.md').matchAll(/^\| (`.*?) \| /gm)].map(([, cell = '']) => cell);
    const named = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)/g)].map(([, name]) => name));
    const called = ['hook', 'merge-driver', 'help'];
    expect(commands.filter((name) => !called.includes(name) && !named.includes(name))).toEqual([]);
  });

  test.each(used)('has %s, with every flag that the guides give it', (command) => {
    expect(commands, `${usages.find((each) => each.command === command)?.line}`).toContain(command);
    const help = overwinter(scratch(), [command, '--help']).stdout;
    const known = [...help.matchAll(/(?<=^ +(?:-\w, )?)--[a-z][a-z-]*/gm)].map(([flag]) => flag);
    for (const { page, line, flags } of usages.filter((each) => each.command === command))
      for (const flag of flags) expect([...known, '--help'], `${line} in ${page}`).toContain(flag);
  });
});

test('the workflows are called in the guide what init calls them', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  // Nobody is asked at the address, so nobody need be there.
  const args = ['init', '--db', 'postgres://app@localhost/shop', '--dry-run', '--json'];
  const { changes } = JSON.parse(overwinter(folder, args).stdout);
  const written = changes.flatMap(({ path }: { path: string }) => /\.github\/workflows\/.*/.exec(path) ?? []).sort();
  const named = read('docs/guides/github-actions.md').match(/\.github\/workflows\/[\w.-]+/g) ?? [];
  expect(written).toHaveLength(4);
  expect([...new Set(named)].sort()).toEqual(written);
});

test('the index of the documentation leads to every page', () => {
  const reached = linksOf('docs/README.md').map((link) => join('docs', link.split('#')[0] ?? ''));
  expect(GUIDES.filter((page) => page !== 'docs/README.md' && !reached.includes(page))).toEqual([]);
});
