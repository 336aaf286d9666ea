/**
 * Builds what is published: few files, because to load a hundred small ones takes as long as node itself does to start. What one
 * command alone needs stays in files of its own, and so does what runs in a thread.
 *   npm run build
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [TSC, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
keepOnlyNamed(join(ROOT, 'dist'));
await build({
  absWorkingDir: ROOT,
  entryPoints: [
    'src/main.ts',
    'src/index.ts',
    'src/engines/sqlite/second-reader-thread.ts',
    'src/engines/sqlite/second-hands-thread.ts',
    'src/entrances/keep/keep-worker.ts',
    'src/entrances/panel/panel-process.ts',
  ],
  outdir: 'dist',
  // Whoever starts a thread names its file beside its own.
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.12',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
});

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
