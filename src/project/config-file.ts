import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkConfig } from '../core/check-config.ts';
import type { Config } from '../core/config.ts';
import { CONFIG_FILES } from '../core/config-files.ts';
import { reasonOf } from '../core/errors.ts';
import { configInvalid } from '../core/problems/settings.ts';
import { isThere, readIfThere, statIfThere } from '../files/if-there.ts';
import { ENV_FILES } from './variables.ts';

/** The configuration file of a project, if it has one. `package.json` counts only where it has an `overwinter` key. */
export function findConfigFile(root: string): string | undefined {
  const own = CONFIG_FILES.map((file) => join(root, file)).find((file) => isThere(file));
  if (own !== undefined) return own;
  const manifest = join(root, 'package.json');
  const text = readIfThere(manifest);
  return text?.includes('"overwinter"') && configures(text) ? manifest : undefined;
}

/** Whether it does more than depend on the package. One that cannot be read is looked at by whoever loads it. */
function configures(manifest: string): boolean {
  try {
    return memberOf(JSON.parse(manifest), 'overwinter') !== undefined;
  } catch {
    return true;
  }
}

/** Reads and checks it. Throws CONFIG_INVALID where it cannot be read or says what cannot be. */
export async function loadConfigFile(file: string): Promise<Config> {
  let value: unknown;
  try {
    value = await contentsOf(file);
  } catch (error) {
    throw configInvalid(file, `cannot be read: ${reasonOf(error)}`)(error);
  }
  return value === undefined ? {} : checkConfig(file, value);
}

async function contentsOf(file: string): Promise<unknown> {
  // Whoever waited for a pipe would wait for ever, and whatever loads a module would.
  if (statIfThere(file)?.isFile() !== true) throw new Error('it is no file.');
  if (file.endsWith('package.json')) return memberOf(JSON.parse(readFileSync(file, 'utf8')), 'overwinter');
  if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8'));
  if (!/\.[mc]?ts$/.test(file)) return memberOf(await import(pathToFileURL(file).href), 'default');
  // Node does not read TypeScript by itself everywhere yet.
  const { createJiti } = await import('jiti');
  return createJiti(import.meta.url).import(file, { default: true });
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

/** Every file whose change, or appearance, may change the configuration or which database is meant. */
export function settingsFiles(root: string, configFile: string | undefined): string[] {
  const possible = [...CONFIG_FILES, 'package.json', ...ENV_FILES, 'prisma/schema.prisma'].map((file) =>
    join(root, file),
  );
  return [...new Set([...possible, ...(configFile === undefined ? [] : [configFile])])];
}
