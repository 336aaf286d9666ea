import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createPanelIn, type Panel } from '../../src/panel/create-panel.ts';
import { overwinter } from './command-line.ts';
import { whenTestEnds } from './endings.ts';
import { lentHelper } from './lent-helper.ts';
import { addRows, plainEnvironment, repositoryIn, type TestRepository } from './repository.ts';
import { scratch } from './scratch.ts';
import type { Ran } from './warm.ts';

/** An app whose rows are saved, committed, pushed, tried, and would come back. */
export interface SafeProject extends TestRepository {
  readonly database: string;
  run(...args: readonly string[]): Ran;
  /** Commits the backups as they are. */
  commit(): void;
  push(): void;
}

export const ROWS = 300;

export function safeProject(): SafeProject {
  const folder = scratch();
  const project = projectAt(join(folder, 'app'));
  mkdirSync(project.top);
  project.git(['init', '-q', '-b', 'main']);
  project.git(['init', '-q', '--bare', '-b', 'main', join(folder, 'origin.git')]);
  project.git(['remote', 'add', 'origin', join(folder, 'origin.git')]);
  project.write('.gitignore', '.overwinter/\napp.db*\n');
  project.write('package.json', '{"name":"app"}');
  addRows(project.database, ROWS);
  must(project.run('backup'));
  project.git(['add', '.']);
  project.commit();
  project.git(['push', '-q', '-u', 'origin', 'main']);
  must(project.run('verify'));
  return project;
}

/** The same repository on another machine. */
export function cloneOf(project: SafeProject): SafeProject {
  const top = join(scratch(), 'clone');
  project.git(['clone', '-q', join(project.top, '../origin.git'), top]);
  return projectAt(top);
}

function projectAt(top: string): SafeProject {
  const repository = repositoryIn(top);
  const database = join(top, 'app.db');
  return {
    ...repository,
    database,
    run: (...args) => overwinter(top, [...args, '--db', 'app.db']),
    commit() {
      repository.git(['add', '-A', '-f', '--', 'backups']);
      repository.git(['commit', '-q', '--no-verify', '-m', 'Save the data']);
    },
    push: () => void repository.git(['push', '-q']),
  };
}

export function must(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(`${ran.code}: ${ran.stderr}${ran.stdout}`);
  return ran;
}

export interface StepSeen {
  readonly name: string;
  readonly light: string;
  readonly text: string;
  readonly hint?: string;
  readonly cause?: string;
}

const TOKEN = 'a-token-of-the-tests-of-the-light';
const panels: Panel[] = [];

whenTestEnds(() => {
  for (const panel of panels.splice(0)) panel.close();
});

/** What the three that speak of safety say: the command line, the doctor and the panel. */
export async function everywhere(project: SafeProject, env: Record<string, string> = {}) {
  const run = (...args: string[]) => overwinter(project.top, [...args, '--db', 'app.db'], env);
  const { light, chain } = JSON.parse(run('status', '--json').stdout);
  const text = run('status').stdout;
  const { checks } = JSON.parse(run('doctor', '--json', '--offline').stdout);
  const steps: readonly StepSeen[] = chain.steps;
  const spoke = (...levels: string[]) =>
    checks.filter((check: { level: string }) => levels.includes(check.level)).map(({ id }: { id: string }) => id);
  return {
    light,
    steps,
    text,
    warned: spoke('warning', 'failure'),
    failed: spoke('failure'),
    page: await pageOf(project.top, env),
  };
}

async function pageOf(folder: string, env: Record<string, string>): Promise<string> {
  const panel = createPanelIn(
    { db: 'app.db', token: TOKEN, basePath: '/backups', logger: { info() {}, warn() {}, error() {} } },
    {
      cwd: folder,
      env: { ...plainEnvironment, OVERWINTER_HOST: 'none', ...env },
      now: () => new Date(),
      start: lentHelper,
    },
  );
  panels.push(panel);
  const authorization = `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`;
  const answer = await panel.fetch(
    new Request('http://app.example.org/backups', { headers: { authorization, host: 'app.example.org' } }),
  );
  return answer.text();
}
