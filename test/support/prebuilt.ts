import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const DRIVER = resolve(import.meta.dirname, '../../node_modules/better-sqlite3');

/**
 * What tells an installer of the driver to take the binary that was compiled here, in place of compiling the same for minutes.
 * `abi` is what `process.versions.modules` says of the Node that will load it.
 */
export function prebuilt(folder: string, from = DRIVER, abi = process.versions.modules): Record<string, string> {
  const { version }: { version: string } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  const file = `better-sqlite3-v${version}-node-v${abi}-${process.platform}-${process.arch}.tar.gz`;
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-czf', join(folder, file), '-C', from, 'build/Release/better_sqlite3.node']);
  return { npm_config_better_sqlite3_local_prebuilds: folder };
}
