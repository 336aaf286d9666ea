import { rmSync } from 'node:fs';
import { ownedFolder } from './owned-folder.ts';

const remove = (folder: string) => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });

/** Before all tests: a folder for what they make once and keep. Gives what removes it. */
export function setup(): () => void {
  const folder = ownedFolder('ow-run-', remove);
  process.env.OVERWINTER_TEST_RUN = folder;
  return () => remove(folder);
}
