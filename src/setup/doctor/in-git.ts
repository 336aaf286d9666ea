import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { branchAndDefault } from '../../git/branches.ts';
import { headCommit, isIgnored } from '../../git/questions.ts';
import type { Repository } from '../../git/repository.ts';
import { RESYNC_MARKER } from '../../git/staging.ts';
import type { Skipped } from '../../operations/catalog.ts';

/** What only git knows. Paths are absolute. */
export interface InGit {
  /** Where `core.hooksPath` was set. */
  readonly hooksPathScope: string | undefined;
  /** Whether the folder in which git looks for hooks is there. */
  readonly hooksFolderExists: boolean;
  /** What stands in the hook that git would run if `core.hooksPath` were not set. */
  readonly usualHook: string;
  /** A work tree of its own beside the first. */
  readonly linked: boolean;
  readonly databaseIgnored: boolean;
  /** Backups that wait for a conflict to be settled. */
  readonly unmerged: readonly string[];
  /** Whether git leaves the bytes of backups alone: its line ends, and whatever a filter does. */
  readonly keepsBytes: boolean;
  /** It is configured to change line ends. */
  readonly converts: boolean;
  readonly shallow: boolean;
  readonly onDefaultBranch: boolean;
  /** When somebody last pushed, or committed where there is no remote. */
  readonly lastActivity: Date | undefined;
  /** Files that merge tools leave in the backups folder. */
  readonly leftovers: readonly string[];
  /** `git commit -- path` left something for a hook that never ran. */
  readonly waitsForResync: boolean;
  /** Manifests that cannot be read, and whether the commit has them otherwise. */
  readonly unreadable: readonly {
    readonly path: string;
    readonly reason: string;
    readonly state: 'changed' | 'committed' | 'untracked';
  }[];
}

/** Of paths, names and values, one behind the other. */
function keepsBytes([, , text, , , filter, , , encoding]: readonly string[]): boolean {
  const isOff = (value = 'unspecified') => ['unset', 'unspecified'].includes(value);
  return text === 'unset' && isOff(filter) && isOff(encoding);
}

/** Of a line that says which file it is about behind a tab. */
const pathIn = (line: string) => line.slice(line.indexOf('\t') + 1);

const LEFT_BY_MERGING = /\.orig$|_(BACKUP|BASE|LOCAL|REMOTE)_\d+\.json$/;

export async function lookInGit(
  repository: Repository,
  { db, dir }: { readonly db: string | undefined; readonly dir: string },
  unreadable: readonly Skipped[],
): Promise<InGit> {
  const top = realpathSync(repository.top);
  const fromTop = (path: string) => relative(top, path).replaceAll('\\', '/');
  const absolute = (path: string) => resolve(top, path);
  const backups = fromTop(dir);
  const { askMaybe } = repository;
  const lines = async (...args: string[]) => ((await askMaybe(...args)) ?? '').split('\0').filter(Boolean);
  const hooks = await askMaybe('rev-parse', '--git-path', 'hooks');
  const common = resolve(top, (await askMaybe('rev-parse', '--git-common-dir')) ?? '.git');
  const usual = join(common, 'hooks/pre-commit');
  const scope = await askMaybe('config', '--show-scope', '--get', 'core.hooksPath');
  const attribute = await askMaybe(
    'check-attr',
    '-z',
    'text',
    'filter',
    'working-tree-encoding',
    '--',
    `${backups}/parts/x-0.jsonl`,
  );
  const autocrlf = await askMaybe('config', 'core.autocrlf');
  const remotes = await askMaybe('log', '-1', '--remotes', '--format=%cI');
  const isBorn = (await headCommit(repository)) !== undefined;
  const last = remotes || (isBorn ? await askMaybe('log', '-1', '--format=%cI') : undefined);
  const untracked = await lines('ls-files', '-z', '--others', '--', backups);
  const unmerged = (await lines('ls-files', '-z', '-u', '--', backups)).map(pathIn);
  const { branch, main } = await branchAndDefault(repository);
  return {
    hooksPathScope: scope?.split(/\s/)[0],
    hooksFolderExists: hooks !== undefined && existsSync(resolve(top, hooks)),
    usualHook: existsSync(usual) ? readFileSync(usual, 'utf8') : '',
    linked: realpathSync(repository.gitDir) !== realpathSync(common),
    databaseIgnored: db === undefined || (await isIgnored(repository, db)),
    unmerged: [...new Set(unmerged)].map(absolute),
    keepsBytes: keepsBytes(attribute?.split('\0') ?? []),
    converts: autocrlf === 'true' || autocrlf === 'input',
    shallow: (await askMaybe('rev-parse', '--is-shallow-repository')) === 'true',
    onDefaultBranch: branch !== undefined && branch === main,
    lastActivity: last ? new Date(last) : undefined,
    leftovers: leftIn(dir)
      .filter((file) => untracked.includes(`${backups}/${file}`))
      .map((file) => join(dir, file)),
    waitsForResync: existsSync(join(repository.gitDir, RESYNC_MARKER)),
    unreadable: await Promise.all(
      unreadable.map(async ({ name, reason }) => {
        const path = `${backups}/${name}.json`;
        const inHead = await askMaybe('rev-parse', '-q', '--verify', `HEAD:${path}`);
        // `git diff` would have the filters that attributes name look at it first.
        const here = await askMaybe('hash-object', '--no-filters', '--', path).catch(() => undefined);
        const state = inHead === undefined ? 'untracked' : inHead === here ? 'committed' : 'changed';
        return { path: absolute(path), reason, state } as const;
      }),
    ),
  };
}

/** In the folders of other databases, too, which the first one's holds. */
function leftIn(dir: string): string[] {
  return entriesOf(dir).flatMap((entry) => {
    if (entry.isDirectory() && entry.name !== 'parts')
      return leftIn(join(dir, entry.name)).map((file) => `${entry.name}/${file}`);
    return LEFT_BY_MERGING.test(entry.name) ? [entry.name] : [];
  });
}

function entriesOf(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    // None, or one that cannot be read, of which another check tells.
    return [];
  }
}
