import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OverwinterError } from '../../src/core/errors.ts';

const FOLDER = join(import.meta.dirname, '../../src/core/problems');

type Make = (...words: unknown[]) => (cause?: unknown) => OverwinterError;

/** Every way to fail that there is. */
export const problems: [name: string, make: Make][] = [];
for (const file of readdirSync(FOLDER)) {
  if (file === 'problem.ts') continue;
  const made: Record<string, Make> = await import(join(FOLDER, file));
  problems.push(...Object.entries(made));
}
