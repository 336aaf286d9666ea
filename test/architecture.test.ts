import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** What each folder may import from; itself is always allowed. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  engines: ['core'],
  stores: ['core', 'git'],
  local: ['core', 'engines'],
  git: ['core', 'stores', 'operations', 'local'],
  // Encryption is an adapter: it implements the interface that operations own, and knows neither stores nor engines.
  crypto: ['core', 'operations'],
  operations: ['core', 'engines', 'stores', 'local'],
  entrances: ['core', 'engines', 'stores', 'local', 'git', 'operations', 'crypto'],
};

/** The core computes; of Node it may use what computes too. */
const PURE_MODULES = ['node:crypto'];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

const imports: Import[] = files.flatMap((file) => {
  const source = readFileSync(join(SRC, file), 'utf8');
  const found = source.matchAll(/^import (type )?[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...found].map((match) => ({
    file,
    target: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }));
});

const folderOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : '');
const targetOf = ({ file, target }: Import) => relative(SRC, resolve(SRC, dirname(file), target));

test('there are imports to judge', () => {
  expect(imports.length).toBeGreaterThan(100);
});

test('imports run one way', () => {
  const wrong = imports
    .filter(({ file, target }) => target.startsWith('.') && folderOf(file) !== '')
    .filter((each) => {
      const [from, to] = [folderOf(each.file), folderOf(targetOf(each))];
      return from !== to && !(MAY_IMPORT[from] ?? []).includes(to);
    })
    .map((each) => `${each.file} imports ${targetOf(each)}`);
  expect(wrong).toEqual([]);
});

test('every folder has its place in the order', () => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== ''));
  expect([...folders].filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
});

test('the core touches no file, clock, process or network', () => {
  const outside = imports
    .filter(({ file, target, typeOnly }) => folderOf(file) === 'core' && !target.startsWith('.') && !typeOnly)
    .filter(({ target }) => !PURE_MODULES.includes(target));
  expect(outside).toEqual([]);
  const impure = files
    .filter((file) => folderOf(file) === 'core')
    .filter((file) =>
      /\bnew Date\(\)|Date\.now|process\.(env|cwd|argv|exit)|setTimeout|\bawait fetch\(/.test(
        readFileSync(join(SRC, file), 'utf8'),
      ),
    );
  expect(impure).toEqual([]);
});

test('an engine never knows a store, nor a store an engine', () => {
  const wrong = imports.filter((each) => {
    const pair = [folderOf(each.file), folderOf(targetOf(each))];
    return pair.includes('engines') && pair.includes('stores');
  });
  expect(wrong).toEqual([]);
});

test('no circular imports', () => {
  const graph = new Map<string, string[]>();
  for (const each of imports) {
    if (!each.target.startsWith('.') || each.typeOnly) continue;
    graph.set(each.file, [...(graph.get(each.file) ?? []), targetOf(each)]);
  }
  const cycles: string[] = [];
  const finished = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || finished.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    finished.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  expect(cycles).toEqual([]);
});
