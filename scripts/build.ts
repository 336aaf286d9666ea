/**
 * Builds what is published: few files, because to find and read a hundred small ones takes as long as node itself does to start. What apps
 * import are modules, and so is what they start; what only some of them need stays in files of its own. What people wait for, the command
 * line and the threads that read and restore, is a file each.
 *   npm run build
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { FOLDER_PROCESS, library, program, THREADS } from './programs.ts';

const ROOT = resolve(import.meta.dirname, '..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const outdir = 'dist';

/** What `main` finds nothing to do for must not wait until all the rest is read, nor what asks a server whether it is as it was. */
const restApart: Plugin = {
  name: 'rest-apart',
  setup({ onResolve }) {
    for (const name of ['program', 'unchanged-server'])
      onResolve({ filter: new RegExp(`\\/${name}\\.ts$`) }, ({ kind }) =>
        kind === 'entry-point' ? undefined : { path: `./${name}.cjs`, external: true },
      );
    // An engine loads the rest of itself when a database is opened, which here none is.
    onResolve({ filter: /^\.\.?\// }, ({ kind, importer, path, resolveDir }) => {
      const isRest = kind === 'dynamic-import' && importer.includes(`${sep}engines${sep}`);
      if (isRest && !/quick-fingerprint|driver-question|scram/.test(path)) return { path, external: true };
      // Of the list of engines nothing else is wanted either, and none of them does anything by being read.
      const isEngine = kind === 'import-statement' && importer.endsWith(join('engines', 'index.ts'));
      return isEngine ? { path: resolve(resolveDir, path), sideEffects: false } : undefined;
    });
  },
};

rmSync(join(ROOT, outdir), { recursive: true, force: true });
execFileSync(process.execPath, [TSC, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
keepOnlyNamed(join(ROOT, outdir));
await Promise.all([
  build({ ...library, outdir }),
  build({
    ...program,
    outdir,
    entryPoints: ['src/main.ts', 'src/local/unchanged-server.ts'],
    plugins: [restApart],
    // What it leaves for later is then required: imported, it would be read as modules are.
    supported: { 'dynamic-import': false },
  }),
  build({ ...program, outdir, entryPoints: ['src/cli/program.ts', ...THREADS, FOLDER_PROCESS] }),
]);

importByOther(join(ROOT, outdir, 'program.cjs'));
mustBeAscii(join(ROOT, outdir));

/** What imports in the program is a function that whoever runs it may give it: see `src/cli/compiled.ts`. */
function importByOther(program: string): void {
  const begin = "'use strict';\n";
  const text = readFileSync(program, 'utf8').replace(/(?<![.\w$])import\(/g, 'importHere(');
  if (!text.startsWith(begin)) throw new Error(`${program} begins otherwise than it should`);
  const importHere = 'const importHere = module.importHere ?? ((name) => import(name));\n';
  writeFileSync(program, `${begin}${importHere}${text.slice(begin.length)}`);
}

/** One character beyond Latin-1 makes V8 take two bytes for each of a file, and at times half as long again to read it. ASCII is easier to tell. */
function mustBeAscii(dist: string): void {
  for (const file of readdirSync(dist).filter((name) => /\.c?js$/.test(name)))
    for (const [at, line] of readFileSync(join(dist, file), 'utf8').split('\n').entries())
      if (/[^\x00-\x7f]/.test(line))
        throw new Error(`${file}:${at + 1} is not ASCII, so node would read all of it slower: ${line}`);
}

/** Of the types only those that the library's own name, from file to file: nobody can import the others. */
function keepOnlyNamed(dist: string): void {
  const named = new Set([join(dist, 'index.d.ts')]);
  // It grows while it is gone through.
  for (const file of named)
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()["'](\.[^"']+)\.[jt]s["']/g))
      named.add(`${resolve(dirname(file), path)}.d.ts`);
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }).sort().reverse()) {
    const path = join(dist, file);
    if (file.endsWith('.d.ts') ? !named.has(path) : readdirSync(path).length === 0) rmSync(path, { recursive: true });
  }
}
