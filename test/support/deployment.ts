import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, runProgram, runProgramBeside, startBeside } from './command-line.ts';
import { plainEnvironment, repositoryIn, type TestRepository } from './repository.ts';
import { scratch } from './scratch.ts';

/** A bare remote that turns away whoever would rewrite what is there, and an app that was pushed to it. */
export interface Deployment {
  readonly remote: string;
  readonly app: TestRepository;
  /** What a runner checks out: a fresh clone, without a database. */
  clone(): TestRepository;
  /** What git says about the remote. */
  atRemote(...args: string[]): string;
}

export function newDeployment(): Deployment {
  const remote = join(scratch(), 'remote.git');
  const bare = repositoryIn(scratch());
  bare.git(['init', '-q', '--bare', '-b', 'main', remote]);
  bare.git(['config', 'receive.denyNonFastForwards', 'true'], { cwd: remote });
  const clone = () => {
    const top = join(scratch(), 'work');
    bare.git(['clone', '-q', remote, top]);
    return repositoryIn(top);
  };
  const app = clone();
  app.git(['checkout', '-q', '-B', 'main']);
  app.write('package.json', '{}\n');
  app.write('.gitignore', 'app.db*\nnode_modules\n.overwinter\n');
  return { remote, app, clone, atRemote: (...args) => bare.git(args, { cwd: remote }) };
}

/** Commits everything there is and pushes it. */
export function publish({ app }: Deployment, message: string): void {
  app.git(['add', '-A']);
  app.git(['commit', '-q', '--allow-empty', '-m', message]);
  // Before the first push there is nothing to fetch.
  app.tryGit(['pull', '-q', '--rebase', 'origin', 'main']);
  app.git(['push', '-q', 'origin', 'main']);
}

const environment = (more: Record<string, string>) => ({ ...plainEnvironment, ...more });

/** Runs the compiled program in a work tree. */
export const run = (top: string, args: readonly string[], env: Record<string, string> = {}): Ran =>
  runProgram(top, args, environment(env));

/** The same, while the test goes on: it may be the server that is asked. */
export const runBeside = (top: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  runProgramBeside(top, args, environment(env));

/** The same in a process of its own: several of them race. */
export const runApart = (top: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  startBeside(top, args, environment(env));

export interface Manifest {
  readonly metadata: {
    readonly backup_date: string;
    readonly content: string;
    readonly database?: string;
    readonly origin: { readonly environment: string; readonly trigger: string; readonly commit?: string };
  };
}

/** The backups on a branch of the remote, by name. */
export function backupsAt({ atRemote }: Deployment, branch = 'main'): Map<string, Manifest> {
  const listed = atRemote('ls-tree', '-r', '--name-only', branch, '--', 'backups').split('\n');
  const manifests = listed.filter(
    (path) => /^backups\/[^/.]+\.json$/.test(path) && !path.endsWith('latest_backup.json'),
  );
  return new Map(
    manifests.map((path) => [
      path.slice('backups/'.length, -'.json'.length),
      JSON.parse(atRemote('show', `${branch}:${path}`)),
    ]),
  );
}

export const deploymentsIn = (backups: ReadonlyMap<string, Manifest>) =>
  [...backups.keys()].filter((name) => name.startsWith('deployment_'));

export function pageIn(folder: string): { readonly path: string; read(): string } {
  const path = join(folder, 'summary.md');
  rmSync(path, { force: true });
  writeFileSync(path, '');
  return { path, read: () => readFileSync(path, 'utf8') };
}
