import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageIncomplete } from '../core/problems/machine.ts';

/**
 * The file in which this package describes itself, found by its name: what is built does not lie where its source does. There is
 * none where an app was made into one file and this package into a piece of it.
 */
function ownManifest(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('overwinter/package.json');
  } catch {
    return undefined;
  }
}

export function ownVersion(): string {
  const file = ownManifest();
  const manifest: { version?: string } = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));
  return manifest.version ?? '0.0.0';
}

/** What is built to be run by itself. */
type Program = 'main.cjs' | 'keep-worker.js' | 'panel-process.js' | 'alarm-sender.js';

/** The file of a program; undefined where it is not installed. */
export function findOwnProgram(name: Program): string | undefined {
  const file = ownManifest();
  const program = file && join(dirname(file), 'dist', name);
  return program && existsSync(program) ? program : undefined;
}

/** The same. Throws PACKAGE_INCOMPLETE. */
export function ownProgram(name: Program): string {
  const program = findOwnProgram(name);
  if (program === undefined) throw packageIncomplete(name)();
  return program;
}
