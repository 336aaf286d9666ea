/**
 * Builds what is published: few files, because to load a hundred small ones takes as long as node itself does to start. What one
 * command alone needs stays in files of its own, and so does what runs in a thread.
 *   npm run build
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '..');

rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
await build({
  absWorkingDir: ROOT,
  entryPoints: [
    'src/main.ts',
    'src/index.ts',
    'src/engines/sqlite/second-reader-thread.ts',
    'src/engines/sqlite/second-thread.ts',
    'src/entrances/keep/keep-thread.ts',
    'src/entrances/panel/panel-thread.ts',
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
