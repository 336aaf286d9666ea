import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setup } from '../../test/support/build.ts';
import { FASTEST } from '../../test/support/fastest.ts';
import { nameCluster, removeCluster } from '../../test/support/postgres.ts';

export interface Workplace {
  /** A copy of the project, with ways to break it in its source. */
  readonly project: string;
  /** Where it is written down what was seen. */
  readonly folder: string;
  /** Where tests put what they need: one that is ended in its middle leaves it there. */
  readonly scratch: string;
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
  const place = { project, folder, scratch: join(FASTEST, basename(folder).replace(/^.*-/, 'mutants-')) };
  rmSync(place.scratch, { recursive: true, force: true });
  mkdirSync(place.scratch);
  if (existsSync(project)) {
    nameCluster();
    return place;
  }
  await setup();
  const making = `${project}-making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  for (const path of PARTS) cpSync(join(root, path), join(making, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(making, 'node_modules'));
  for (const [file, code] of broken) writeFileSync(join(making, file), code);
  renameSync(making, project);
  return place;
}

/** Nothing stays of a run but what one that was cut off goes on with. */
export function leave({ folder, scratch }: Workplace, isDone: boolean): void {
  removeCluster();
  for (const path of [scratch, ...(isDone ? [folder] : [])]) rmSync(path, { recursive: true, force: true });
}
