import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

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

/** The command line, for a process of its own. */
export function ownProgram(): string | undefined {
  const file = ownManifest();
  return file && join(dirname(file), 'dist/main.js');
}
