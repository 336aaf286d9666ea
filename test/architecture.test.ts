import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** The rooms of src from the ground up: each may import from those of the floors below it, and from no other. */
const FLOORS: readonly (readonly string[])[] = [
  ['core'],
  ['files'],
  ['crypto', 'engines', 'folders', 'git'],
  ['format', 'local'],
  ['stores'],
  ['operations'],
  ['pull'],
  ['project'],
  ['notify'],
  ['commit', 'app', 'keep'],
  ['setup', 'ci', 'panel'],
  ['cli'],
];

/** The core computes; of Node it may use what computes too. */
const PURE_MODULES = ['node:crypto', 'node:buffer'];

/** No room may grow into the house. */
const LARGEST_SHARE = 0.2;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'));
const sources = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));

/** Everything that names another module: imports, re-exports, imports in the course of things, and types by `import()`. */
const NAMES_A_MODULE =
  /^(?:import|export) (type )?[^;'"]*?from '([^']+)'|^import '([^']+)'|\b(?:import|require)\(\s*'([^']+)'\s*\)/gm;

const imports: Import[] = [...sources].flatMap(([file, source]) =>
  [...source.matchAll(NAMES_A_MODULE)].map((match) => ({
    file,
    target: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  })),
);

const roomOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : '');
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room));
const targetOf = ({ file, target }: Import) => relative(SRC, resolve(SRC, dirname(file), target)).replaceAll('\\', '/');
const between = imports
  .filter(({ target }) => target.startsWith('.'))
  .map((each) => ({ ...each, to: targetOf(each) }))
  .filter(({ file, to }) => roomOf(file) !== '' && roomOf(file) !== roomOf(to));

test('the ways to name a module are seen', () => {
  const seen = (source: string) =>
    [...source.matchAll(NAMES_A_MODULE)].map((match) => match[2] ?? match[3] ?? match[4]);
  expect(seen("import a from './a';\nimport type { B } from './b';\nimport './c';")).toEqual(['./a', './b', './c']);
  expect(seen("export { d } from './d';\nexport * from './e';\nexport type { F } from './f';")).toEqual([
    './d',
    './e',
    './f',
  ]);
  expect(seen("const g = await import('./g');\ntype H = import('./h').H;\nrequire('./i');")).toEqual([
    './g',
    './h',
    './i',
  ]);
  expect(seen("import {\n  j,\n} from './j';")).toEqual(['./j']);
});

test('there are imports to judge', () => {
  expect(imports.length).toBeGreaterThan(500);
  expect(between.length).toBeGreaterThan(300);
});

test('every room has its floor', () => {
  expect([...new Set(files.map(roomOf))].filter((room) => room !== '' && floorOf(room) < 0)).toEqual([]);
});

test('no import runs up, or to a room of the same floor', () => {
  const wrong = between
    .filter(({ file, to }) => floorOf(roomOf(to)) >= floorOf(roomOf(file)))
    .map(({ file, to }) => `${file} imports ${to}`);
  expect(wrong).toEqual([]);
});

test('nobody but their list knows the kinds of databases', () => {
  const kindOf = (file: string) => /^engines\/([^/]+)\//.exec(file)?.[1];
  const wrong = imports
    .filter(({ target }) => target.startsWith('.'))
    .map((each) => ({ ...each, to: targetOf(each) }))
    .filter(({ file, to }) => kindOf(to) !== undefined && kindOf(to) !== kindOf(file) && file !== 'engines/index.ts')
    .map(({ file, to }) => `${file} imports ${to}`);
  expect(wrong).toEqual([]);
});

test('no room holds more than a fifth of the house', () => {
  const lines = (of: (file: string) => boolean) =>
    [...sources].filter(([file]) => of(file)).reduce((sum, [, source]) => sum + source.split('\n').length, 0);
  const all = lines(() => true);
  // No kind of database knows another, so each is a room of its own.
  const sized = (file: string) => /^engines\/[^/]+(?=\/)/.exec(file)?.[0] ?? roomOf(file);
  const large = [...new Set(files.map(sized))]
    .map((room) => ({ room, share: lines((file) => sized(file) === room) / all }))
    .filter(({ share }) => share > LARGEST_SHARE);
  expect(large).toEqual([]);
});

const OF_THE_WORLD: Readonly<Record<string, RegExp>> = {
  'a clock': /\bnew Date\(\)|\bDate\.now\b|\bperformance\.|\bhrtime\b/,
  'the process': /\bprocess\.(env|cwd|argv|exit|stdout|stderr|platform|memoryUsage)\b/,
  'a timer': /\bset(Timeout|Interval|Immediate)\(/,
  'a network': /(?:await|return|globalThis\.|[=(]) ?fetch\(|\bnew WebSocket\(/,
  chance: /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/,
};

test('the core touches no file, clock, process or network', () => {
  const outside = imports
    .filter(({ file, target, typeOnly }) => roomOf(file) === 'core' && !target.startsWith('.') && !typeOnly)
    .filter(({ target }) => !PURE_MODULES.includes(target))
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(outside).toEqual([]);
  const impure = [...sources]
    .filter(([file]) => roomOf(file) === 'core')
    .flatMap(([file, source]) =>
      Object.entries(OF_THE_WORLD)
        .filter(([, pattern]) => pattern.test(source))
        .map(([what]) => `${file} touches ${what}`),
    );
  expect(impure).toEqual([]);
});

test('what the world is made of is recognised', () => {
  const touched = [
    'performance.now()',
    'new Date()',
    'await fetch(url)',
    'process.env.X',
    'setTimeout(f)',
    'Math.random()',
  ];
  expect(touched.filter((code) => !Object.values(OF_THE_WORLD).some((pattern) => pattern.test(code)))).toEqual([]);
});

/** Circles in a graph of names. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  const walk = (at: string, path: readonly string[]): void => {
    if (path.includes(at)) found.push([...path.slice(path.indexOf(at)), at].join(' → '));
    if (path.includes(at) || finished.has(at)) return;
    for (const next of graph.get(at) ?? []) walk(next, [...path, at]);
    finished.add(at);
  };
  for (const at of graph.keys()) walk(at, []);
  return found;
}

function graphOf(edges: readonly (readonly [string, string])[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const [from, to] of edges) graph.set(from, [...(graph.get(from) ?? []), to]);
  return graph;
}

test('no circle of files', () => {
  const edges = imports
    .filter(({ target, typeOnly }) => target.startsWith('.') && !typeOnly)
    .map((each) => [each.file, targetOf(each)] as const);
  expect(circles(graphOf(edges))).toEqual([]);
});

test('no circle of folders', () => {
  const edges = imports
    .filter(({ file, target }) => target.startsWith('.') && file.includes('/'))
    .map((each) => [dirname(each.file), dirname(targetOf(each))] as const)
    // A folder and the one it lies in are one thing.
    .filter(([from, to]) => from !== to && !from.startsWith(`${to}/`) && !to.startsWith(`${from}/`));
  expect(circles(graphOf(edges))).toEqual([]);
});
