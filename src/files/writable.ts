import { accessSync, constants, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeProblem } from '../core/write-problem.ts';
import { isThere } from './if-there.ts';

/**
 * Why this user cannot make files in a folder, which may still have to be made itself; undefined where nothing speaks against it. Rights and a
 * disk that is mounted to be read are told by the system, to root too; `tries` also makes a file, which is gone again when this returns.
 */
export function whyNotWritable(folder: string, tries: boolean): unknown {
  try {
    let at = folder;
    while (!isThere(at) && dirname(at) !== at) at = dirname(at);
    return refusalOf(at, tries);
  } catch (error) {
    return error;
  }
}

function refusalOf(at: string, tries: boolean): unknown {
  const trial = join(at, `.overwinter-trial-${process.pid}`);
  try {
    accessSync(at, constants.W_OK | constants.X_OK);
    if (!tries) return undefined;
    writeFileSync(trial, '', { flag: 'wx', mode: 0o600 });
    rmSync(trial);
    return undefined;
  } catch (error) {
    return writeProblem(at, error);
  }
}
