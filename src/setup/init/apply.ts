import { chmodSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeProblem } from '../../core/write-problem.ts';
import type { Repository } from '../../git/repository.ts';
import { mustStayIn } from '../../local/links.ts';
import type { FileEdit, GitSetting, Plan } from './plan.ts';

/**
 * Does what a plan says, telling of each step before it is taken. `top` is that of the project: a link in a file's place leads no further.
 * Throws NOT_OURS, before anything is done, NOT_WRITABLE and GIT_FAILED.
 */
export async function apply(
  plan: Plan,
  top: string,
  repository: Repository | undefined,
  onStep: (step: FileEdit | GitSetting) => void,
): Promise<void> {
  for (const { path } of plan.edits) mustStayIn(top, path);
  for (const edit of plan.edits) {
    onStep(edit);
    try {
      applyEdit(edit);
    } catch (error) {
      throw writeProblem(edit.path, error);
    }
  }
  for (const setting of plan.settings) {
    onStep(setting);
    await applySetting(repository, setting);
  }
}

function applyEdit({ path, before, after, executable }: FileEdit): void {
  if (after === undefined) {
    rmSync(path, { force: true });
    removeIfEmpty(dirname(path));
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  // Written in place: a link stays a link, and a mode stays what it was.
  writeFileSync(path, after);
  if (before === undefined && executable) chmodSync(path, 0o755);
}

/** The folders that the workflow and the hooks needed go with them. */
function removeIfEmpty(folder: string): void {
  if (!/[\\/]\.(husky|github([\\/]workflows)?)$/.test(folder)) return;
  try {
    rmdirSync(folder);
  } catch {
    // There is something else in it.
    return;
  }
  removeIfEmpty(dirname(folder));
}

async function applySetting(repository: Repository | undefined, { key, after }: GitSetting): Promise<void> {
  if (after !== undefined) {
    await repository?.run(['config', '--local', key, after]);
    return;
  }
  await repository?.run(['config', '--local', '--unset-all', key]);
}
