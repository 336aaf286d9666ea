import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

const files = ['src', 'test', 'scripts', 'bench', 'examples'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => /\.m?[jt]sx?$/.test(file) && !file.includes('node_modules')),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
// A declaration of what others bring is no program.
const sources = files.filter((file) => file.startsWith('src/') && !file.endsWith('.d.ts'));

/** The files that a file imports. */
function named(file: string): string[] {
  const text = texts.get(file) ?? '';
  const targets = text.matchAll(/(?:\bfrom |\bimport\(|^import )\s*['`](\.[^'`]+)['`]/gm);
  return [...targets].map(([, target = '']) => join(file, '..', target));
}

function reachable(from: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const waiting = [...from];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file) || !texts.has(file)) continue;
    seen.add(file);
    waiting.push(...named(file));
  }
  return seen;
}

test('every file is used by the program or the library', () => {
  const built = `${texts.get('scripts/build.ts')}${texts.get('scripts/programs.ts')}`.match(/src\/[\w/-]+\.ts/g) ?? [];
  expect(built).toEqual(expect.arrayContaining(['src/main.ts', 'src/index.ts']));
  const used = reachable(built);
  expect(used.size).toBeGreaterThan(100);
  expect(sources.filter((file) => !used.has(file))).toEqual([]);
});

test('everything that is exported to be called is called from elsewhere', () => {
  const imported = new Map(files.map((file) => [file, importedBy(texts.get(file) ?? '')]));
  const unused = sources.flatMap((file) =>
    [...(texts.get(file) ?? '').matchAll(/^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => ![...imported].some(([other, words]) => other !== file && words.has(name)))
      .map((name) => `${file}: ${name}`),
  );
  expect(unused).toEqual([]);
});

/** Every word that a file takes from others, looked for once: there are a thousand files, and as many things that they export. */
function importedBy(text: string): Set<string> {
  const lists = [
    /(?:import|export)\s*\{([^}]*)\}\s*from/g,
    /(?:const|let)\s+[^=;]*?\{([^=;]*)\}[^=;]*=[^;]*?await[^;]*?import\(/g,
    /import\([^)]*\)\.then\(\(\{([^}]*)/g,
    /import\([^)]*\)\)\.(\w+)/g,
  ];
  return new Set(
    lists.flatMap((list) => [...text.matchAll(list)].flatMap(([, words = '']) => words.match(/\w+/g) ?? [])),
  );
}

/** What is run, or read as a file, and never imported. */
const NOT_IMPORTED = ['@arethetypeswrong/cli', '@biomejs/biome', 'axe-core', 'husky', 'tsx', 'typescript'];

test('every dependency is imported, and everything imported is a dependency', () => {
  const manifest: Record<'dependencies' | 'devDependencies' | 'peerDependencies', Record<string, string>> = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const packagesOf = (some: readonly string[]) =>
    new Set(
      some
        .flatMap((file) => [
          ...(texts.get(file) ?? '').matchAll(
            /^(?:(?:import|export|\}).* from|import) '([^']+)'|\bimport\('([^']+)'\)/gm,
          ),
        ])
        .map(([, plain, lazy]) => plain ?? lazy ?? '')
        .filter((target) => /^[@a-z]/.test(target) && !/^(node|file|data):/.test(target) && target !== 'overwinter')
        .map((target) =>
          target
            .split('/')
            .slice(0, target.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    );
  // What only some apps need, they bring.
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const development = Object.keys(manifest.devDependencies);
  // Types are imported by the name of what they describe.
  const named = dependencies.filter((name) => !name.startsWith('@types/'));
  expect([...packagesOf(sources)].sort()).toEqual(named.sort());
  const everywhere = packagesOf(files);
  const typed = (name: string) => name.startsWith('@types/');
  const idle = development.filter((name) => !everywhere.has(name) && !typed(name) && !NOT_IMPORTED.includes(name));
  expect(idle).toEqual([]);
  expect([...everywhere].filter((name) => ![...dependencies, ...development].includes(name))).toEqual([]);
});
