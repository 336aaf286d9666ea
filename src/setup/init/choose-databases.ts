import { basename, relative } from 'node:path';
import type { Config, DatabaseConfig } from '../../core/config.ts';
import { OverwinterError } from '../../core/errors.ts';
import { usualName } from '../../core/identity.ts';
import { severalDatabases } from '../../core/problems/usage.ts';
import { databasesHere, isDatabaseFile, projectsHere } from '../../project/databases-here.ts';
import { fromHere } from '../../project/from-here.ts';
import { type OpenedProjects, openProjects, type World } from '../../project/open-project.ts';
import { configuredDatabases } from './configured-databases.ts';

/** The project with its databases, and why these. */
export interface Chosen {
  readonly opened: OpenedProjects;
  /** The configuration of another tool that named the one. */
  readonly by?: string;
  /** Several that were found, and nobody named or chose. */
  readonly isTaken?: true;
  /** What lies there too and may be a database of the app. Paths are from the root. */
  readonly leftOut: readonly string[];
  /** The folders of workspaces whose databases are left to the projects there. */
  readonly leftBelow: readonly string[];
}

/** Which of them are meant, in the same order; undefined where nobody is there to say. */
export type Choose = (files: readonly string[]) => Promise<readonly string[] | undefined>;

/**
 * What names databases, first; then what the app's own configuration names, which is surer than what merely lies there; then what is
 * found. Where there are several, somebody is asked, or else all are taken that are surely databases of the app. Throws what opening
 * the project throws: USAGE where none is sure.
 */
export async function chooseDatabases(world: World, flags: Config, root: string, choose: Choose): Promise<Chosen> {
  const chosen = await choiceOf(world, flags, root, choose);
  return { ...chosen, leftBelow: chosen.isGiven ? [] : fromRoot(root, projectsHere(root)) };
}

interface Choice extends Omit<Chosen, 'leftBelow'> {
  /** Somebody named them. */
  readonly isGiven?: true;
}

async function choiceOf(world: World, flags: Config, root: string, choose: Choose): Promise<Choice> {
  const opened = await openProjects(world, flags).catch((error: unknown) => {
    if (error instanceof OverwinterError && error.code === 'USAGE' && flags.db === undefined) return error;
    throw error;
  });
  if (!(opened instanceof OverwinterError) && !opened.which.isFound) return { opened, leftOut: [], isGiven: true };
  const configured = configuredDatabases(root, world.env);
  const here = databasesHere(root).filter(isDatabaseFile);
  const [only, ...more] = configured;
  if (only !== undefined && more.length === 0) {
    const others = here.filter((file) => file !== only.file && isSure(file));
    const db = await openProjects(world, { ...flags, db: only.file });
    return { opened: db, by: only.by, leftOut: fromRoot(root, others) };
  }
  const candidates = only === undefined ? here : configured.map(({ file }) => file).filter(isDatabaseFile);
  const sure = candidates.filter(isSure);
  if (sure.length < 2) {
    if (more.length > 0)
      throw severalDatabases(
        configured.map(({ file, by }) => `${fromHere(world.cwd, file)} (${by})`).join(', '),
        fromHere(world.cwd, configured[0]?.file ?? root),
      )();
    if (opened instanceof OverwinterError && sure.length === 0) throw opened;
  }
  if (candidates.length < 2 && !(opened instanceof OverwinterError)) return { opened, leftOut: [] };
  const asked = await choose(fromRoot(root, candidates));
  const taken = (asked?.map((file) => candidates.find((each) => relative(root, each) === file) ?? file) ?? sure).sort(
    (a, b) => rank(a) - rank(b),
  );
  const leftOut = fromRoot(
    root,
    candidates.filter((file) => !taken.includes(file)),
  );
  const [first, second] = taken;
  if (first === undefined)
    throw severalDatabases(
      candidates.map((file) => fromHere(world.cwd, file)).join(', '),
      fromHere(world.cwd, candidates[0] ?? root),
    )();
  if (second === undefined) return { opened: await openProjects(world, { ...flags, db: first }), leftOut };
  const several = await openProjects(world, { ...flags, databases: named(root, taken) });
  return { opened: several, ...(asked === undefined ? { isTaken: true } : {}), leftOut };
}

const fromRoot = (root: string, files: readonly string[]) =>
  files.map((file) => relative(root, file).replaceAll('\\', '/'));

/** Copies, and what tests leave, have the bytes of a database too. */
const isSure = (file: string) =>
  !/(^|[ ._-])(copy|kopie|backups?|bak|old|orig|tests?|tmp|temp|snapshots?|cache|sample|example)\d*([ ._-]|$)/i.test(
    basename(file),
  );

/** The app's own is kept in the backups folder itself. */
const rank = (file: string) =>
  /^(app|main|db|database|data|dev|development|prod|production)$/i.test(usualName(file)) ? 0 : 1;

/** Two files of one name are told apart by their folders. */
function named(root: string, files: readonly string[]): DatabaseConfig[] {
  const names = files.map((file) => usualName(file).toLowerCase());
  return files.map((db, at) => {
    const isSecond = names.indexOf(names[at] ?? '') !== at;
    return isSecond ? { name: usualName(relative(root, db).replaceAll(/[\\/]/g, '-')), db } : { db };
  });
}
