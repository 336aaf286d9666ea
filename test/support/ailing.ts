import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { MAIN, type Ran } from './command-line.ts';
import { run } from './deployment.ts';
import { type MadeProject, makeProject, type Shape } from './project-shapes.ts';
import { plainEnvironment, repositoryIn } from './repository.ts';
import { kept, scratch } from './scratch.ts';

const PLAIN: Shape = {
  name: 'plain',
  files: { 'package.json': '{"name":"app","private":true}\n', '.gitignore': 'node_modules\n' },
  db: 'data/app.db',
  git: true,
};

export interface Patient extends MadeProject {
  /** The bare repository it was pushed to. */
  readonly remote: string;
}

/** A project that was set up, committed and pushed, and that nothing is wrong with. */
export const healthy = (changes: Partial<Shape> = {}, folder = scratch()): Patient =>
  likeEvery(`${JSON.stringify(changes)} ${changes.install}`, () => setUp(kept(), changes), folder);

/** Many tests begin with the same project, which takes a while to set up: it is made once, and copied. */
export function likeEvery(kind: string, make: () => Patient, folder = scratch()): Patient {
  const pattern = patterns.get(kind) ?? make();
  patterns.set(kind, pattern);
  return copyOf(pattern, folder);
}

const patterns = new Map<string, Patient>();

function copyOf({ top, remote, app, database }: Patient, folder: string): Patient {
  const repository = repositoryIn(join(folder, 'app'));
  const there = { ...repository, remote: join(folder, 'remote.git') };
  cpSync(top, there.top, { recursive: true, verbatimSymlinks: true });
  cpSync(remote, there.remote, { recursive: true });
  there.git(['remote', 'set-url', 'origin', there.remote]);
  // Who moves a project has 'init' write down where its program is now.
  const driver = there.git(['config', 'merge.overwinter.driver']).trim();
  there.git(['config', 'merge.overwinter.driver', driver.replaceAll(top, there.top)]);
  const copy = {
    ...there,
    app: join(there.top, relative(top, app)),
    database: join(there.top, relative(top, database)),
  };
  // What a machine remembers of a project is about where it lies.
  must(run(copy.app, ['verify']));
  return copy;
}

function setUp(folder: string, changes: Partial<Shape>): Patient {
  const project = makeProject({ ...PLAIN, ...changes }, join(folder, 'app'));
  program(project.top, 'overwinter', `exec '${process.execPath}' '${MAIN}' "$@"`);
  const remote = join(folder, 'remote.git');
  repositoryIn(folder).git(['init', '-q', '--bare', '-b', 'main', remote]);
  project.git(['remote', 'add', 'origin', remote]);
  must(run(project.app, ['init']));
  project.git(['add', '.']);
  project.git(['commit', '-q', '-m', 'set up']);
  project.git(['push', '-q', '-u', 'origin', 'main']);
  return { ...project, remote };
}

/** A program as a package manager installs it. */
export function program(top: string, name: string, script: string): void {
  const bin = join(top, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

export function must(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(`${ran.code}: ${ran.stderr}${ran.stdout}`);
  return ran;
}

export interface Finding {
  readonly level: string;
  readonly text: string;
  readonly fix?: string;
  readonly hint?: string;
}

export interface Examination {
  readonly code: number | null;
  readonly ok: boolean;
  readonly repaired: readonly string[];
  /** What was found, by the name of the check. */
  readonly found: Readonly<Record<string, readonly Finding[]>>;
}

export function examination({ code, stdout, stderr }: Ran): Examination {
  if (stdout === '') throw new Error(stderr);
  const { ok, repaired, checks } = JSON.parse(stdout);
  if (checks === undefined) throw new Error(stdout);
  const found = checks.filter(({ findings }: { findings: unknown[] }) => findings.length > 0);
  return {
    code,
    ok,
    repaired,
    found: Object.fromEntries(found.map(({ id, findings }: { id: string; findings: Finding[] }) => [id, findings])),
  };
}

export const doctor = (folder: string, args: readonly string[] = [], env: Record<string, string> = {}): Examination =>
  examination(run(folder, ['doctor', '--json', ...args], { OVERWINTER_HOST: 'none', ...env }));

const BIN = join(import.meta.dirname, 'bin');

/** Types a command that was read somewhere. */
export function type(folder: string, command: string, env: Record<string, string> = {}): void {
  const { status, stderr, stdout } = spawnSync('sh', ['-c', command], {
    cwd: folder,
    env: { ...plainEnvironment, OVERWINTER_HOST: 'none', PATH: `${BIN}:${plainEnvironment.PATH}`, ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command}: ${stderr}${stdout}`);
}
