import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeFoldersLast } from './endings.ts';
import { FASTEST } from './fastest.ts';

const made: string[] = [];
const madeToLast: string[] = [];

const remove = (folders: string[]) => {
  for (const folder of folders.splice(0)) removeAll(folder, 5);
};

/** Node asks once what a folder holds; a helper that is just letting go of it may put something in after that. */
function removeAll(folder: string, again: number): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 2 });
  } catch (error) {
    if (again === 0) throw error;
    removeAll(folder, again - 1);
  }
}

removeFoldersLast(
  () => remove(made),
  () => remove(madeToLast),
);

/** A folder that goes when the test ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(FASTEST, 'overwinter-'));
  made.push(folder);
  return folder;
}

/** A folder that goes when the file of tests ends: for what is made once and used or copied by many. */
export function lasting(): string {
  const folder = mkdtempSync(join(FASTEST, 'overwinter-lasting-'));
  madeToLast.push(folder);
  return folder;
}

/** A folder that goes when the run ends: for what is made once in a process, and copied by the tests of many files. */
export function kept(): string {
  const run = process.env.OVERWINTER_TEST_RUN;
  return run === undefined ? lasting() : mkdtempSync(join(run, 'kept-'));
}

export { FASTEST } from './fastest.ts';
export { projectAt as projectIn } from './project.ts';
