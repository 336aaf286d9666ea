import { resolve } from 'node:path';
import type { BuildOptions } from 'esbuild';

/** How everything is bundled. */
const bundled: BuildOptions = {
  absWorkingDir: resolve(import.meta.dirname, '..'),
  // Whoever starts a program names its file beside its own.
  entryNames: '[name]',
  bundle: true,
  platform: 'node',
  target: 'node20.12',
  packages: 'external',
  logLevel: 'warning',
  // Less to download and to read; a stack still names its functions, and lines of this length its places.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
};

/** What apps import, and what they start. */
export const library: BuildOptions = {
  ...bundled,
  format: 'esm',
  splitting: true,
  entryPoints: ['src/index.ts', 'src/keep/keep-worker.ts', 'src/panel/panel-process.ts', 'src/notify/alarm-sender.ts'],
};

/** How that is which people wait for: as CommonJS, which node has read before it has found half of as many modules. */
export const program: BuildOptions = {
  ...bundled,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'ownAddress' },
  banner: { js: "'use strict';\nconst ownAddress = require('node:url').pathToFileURL(__filename).href;" },
};

/** What the engine starts beside itself. */
export const THREADS = ['src/engines/sqlite/reader-worker.ts', 'src/engines/sqlite/insert-worker.ts'];

/** What is started for a folder that may never answer. */
export const FOLDER_PROCESS = 'src/stores/folder/folder-process.ts';
