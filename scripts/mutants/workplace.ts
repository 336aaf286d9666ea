import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setup } from '../../test/support/build.ts';

export interface Workplace {
  /** A copy of the project, with ways to break it in its source. */
  readonly project: string;
  /** Where it is written down what was seen. */
  readonly folder: string;
}

/** What tests start in processes of their own comes as it was built: nothing can be broken there for one test. */
const PARTS = [
  'src',
  'test',
  'scripts',
  'docs',
  'examples',
  'bench',
  'dist',
  'dist-test',
  'package.json',
  'tsconfig.json',
];

/** Copies the project, because somebody may work on it meanwhile; only once, because a run that was cut off goes on. */
export async function workplace(folder: string, root: string, broken: ReadonlyMap<string, string>): Promise<Workplace> {
  const project = join(folder, 'project');
  if (existsSync(project)) return { project, folder };
  await setup();
  const making = `${project}-making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  for (const path of PARTS) cpSync(join(root, path), join(making, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(making, 'node_modules'));
  for (const [file, code] of broken) writeFileSync(join(making, file), code);
  renameSync(making, project);
  return { project, folder };
}
