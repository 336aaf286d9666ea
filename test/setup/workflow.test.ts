import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  productionFile,
  pullRequestFile,
  scheduleFile,
  type WorkflowSettings,
  workflowFile,
} from '../../src/setup/init/workflow.ts';
import { MAIN } from '../support/command-line.ts';
import { backupsAt, deploymentsIn, newDeployment, pageIn, publish, run } from '../support/deployment.ts';
import { freshDatabase, postgresPrograms } from '../support/postgres.ts';
import { addRows, plainEnvironment } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const OWN = join(ROOT, '.github/workflows');

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly 'runs-on': string;
  readonly 'timeout-minutes': number;
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, { readonly branches?: readonly string[] } | null>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Node has no YAML reader; Python's is older than the one on GitHub, and takes a bare `on` for a truth value. */
const READ = `import sys, json, yaml
document = yaml.safe_load(sys.stdin)
document['on'] = document.pop(True) if True in document else document['on']
print(json.dumps(document))`;
const HAS_YAML = spawnSync('python3', ['-c', 'import yaml']).status === 0;

function parse(text: string): Workflow {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', READ], { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const workflow: Workflow = JSON.parse(stdout);
  return workflow;
}

const USERS: readonly WorkflowSettings[] = (['npm', 'pnpm', 'yarn', 'bun'] as const).flatMap((packageManager) =>
  (['same', 'backups'] as const).map((branch) => ({ packageManager, defaultBranch: 'main', branch })),
);

const texts: readonly (readonly [name: string, text: string])[] = [
  ...readdirSync(OWN).map((file) => [file, readFileSync(join(OWN, file), 'utf8')] as const),
  ...USERS.flatMap((settings) => {
    const name = `${settings.packageManager}, ${settings.branch}`;
    return [
      [`backup.yml for ${name}`, workflowFile(settings)],
      [`backup-schedule.yml for ${name}`, scheduleFile(settings)],
      [`pull-request.yml for ${name}`, pullRequestFile(settings)],
    ] as const;
  }),
  ...USERS.flatMap((each) => {
    const settings = { ...each, addressIn: 'DATABASE_URL', folder: 'apps/web' };
    const name = `${settings.packageManager}, ${settings.branch}, PostgreSQL`;
    return [
      [`backup.yml for ${name}`, workflowFile(settings)],
      [`backup-schedule.yml for ${name}`, scheduleFile(settings)],
      [`production.yml for ${name}`, productionFile(settings, 'DATABASE_URL')],
    ] as const;
  }),
];

describe.each(texts)('%s', (name, text) => {
  test('reads well as text', () => {
    expect(text).not.toMatch(/\t| +$|undefined|\[object/m);
    expect(text.endsWith('\n')).toBe(true);
    const uses = [...text.matchAll(/uses: (.*)/g)].map((match) => match[1]);
    expect(uses.length).toBeGreaterThan(0);
    for (const each of uses) expect(each).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test.skipIf(!HAS_YAML)('has the shape GitHub asks for, and no more rights than it needs', () => {
    const workflow = parse(text);
    expect(workflow.name).not.toBe('');
    expect(workflow.permissions).toEqual({});
    expect(workflow.concurrency.group).not.toBe('');
    const isProduction = name.startsWith('production.yml');
    const pushes = name.startsWith('backup.yml') || isProduction;
    const isScheduled = name.includes('schedule') || isProduction;
    const comments = name.startsWith('pull-request.yml');
    const publishes = name === 'release.yml';
    // A run that was broken off half-way must be the one that only looks.
    expect(workflow.concurrency['cancel-in-progress']).toBe(!pushes && !publishes);
    expect(Object.keys(workflow.on)).toContain(isScheduled ? 'schedule' : comments ? 'pull_request' : 'push');
    if (!isScheduled && !publishes && !comments) expect(workflow.on.push?.branches).toEqual(['main']);
    for (const job of Object.values(workflow.jobs)) {
      expect(job['runs-on']).toBe('ubuntu-latest');
      expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
      const isSite = name === 'site.yml' && job === workflow.jobs.publish;
      const canPublish = (publishes && job === workflow.jobs.publish) || isSite;
      const rights = {
        ...(isSite ? { pages: 'write' } : { contents: pushes ? 'write' : 'read' }),
        ...(canPublish ? { 'id-token': 'write' } : {}),
        ...(comments ? { 'pull-requests': 'write' } : {}),
      };
      expect(job.permissions).toEqual(rights);
      // What is installed runs code of others, so whoever may publish installs nothing.
      const installs = job.steps.some(({ run = '' }) => /npm (ci|install)|pnpm install|yarn install/.test(run));
      expect(installs).toBe(!canPublish);
      for (const step of job.steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@')))
        expect(step.with).toMatchObject({ 'persist-credentials': false });
      // The token that may push is the pushing step's alone.
      const holders = job.steps.filter(({ env = {} }) => 'OVERWINTER_GIT_TOKEN' in env);
      expect(holders).toEqual(pushes || comments ? [job.steps.at(-1)] : []);
      for (const step of job.steps) expect(Number('run' in step) + Number('uses' in step)).toBe(1);
      if (pushes)
        expect(job.steps.find(({ uses }) => uses !== undefined)?.with).toEqual({
          'fetch-depth': 0,
          'persist-credentials': false,
        });
      // Without the secret, nothing but the look for it.
      if (isProduction)
        expect(job.steps.map((step) => step.if)).toEqual([
          undefined,
          ...job.steps.slice(1).map(() => "steps.address.outputs.is-there == 'yes'"),
        ]);
    }
  });
});

test.skipIf(!HAS_YAML)(
  'a release names the repository it is built in, and all that its README leads to is there',
  () => {
    const folder = scratch();
    for (const file of ['package.json', 'README.md']) copyFileSync(join(ROOT, file), join(folder, file));
    const { build, publish: publishing } = parse(readFileSync(join(OWN, 'release.yml'), 'utf8')).jobs;
    const naming = build?.steps.find(({ name }) => name === 'The package names this repository');
    const env = {
      ...plainEnvironment,
      GITHUB_SERVER_URL: 'https://git.example.org',
      GITHUB_REPOSITORY: 'you/overwinter',
      GITHUB_REF_NAME: 'v1.2.3',
    };
    const { status } = spawnSync('bash', ['-e', '-c', naming?.run ?? 'exit 9'], { cwd: folder, env });
    expect(status).toBe(0);
    const before: object = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toEqual({
      ...before,
      homepage: 'https://git.example.org/you/overwinter#readme',
      repository: { type: 'git', url: 'git+https://git.example.org/you/overwinter.git' },
    });
    const linksIn = (file: string) =>
      [...readFileSync(file, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
    const there = /^https:\/\/git\.example\.org\/you\/overwinter\/(?:blob|raw)\/v1\.2\.3\//;
    const links = linksIn(join(folder, 'README.md'));
    expect(links.filter((to) => !/^(https:|#)/.test(to))).toEqual([]);
    // The same as in the repository, where another test follows each.
    expect(links.map((to) => to.replace(there, ''))).toEqual(linksIn(join(ROOT, 'README.md')));
    expect(links.filter((to) => /\/raw\//.test(to)).every((to) => /\.(svg|png)$/.test(to))).toBe(true);
    expect(publishing?.steps.at(-1)?.run).toContain('--provenance');
  },
);

test.skipIf(!HAS_YAML)('odd names of branches and folders stay what they are', () => {
  const odd = { packageManager: 'npm', defaultBranch: 'it: "is" #1', branch: 'same', folder: 'apps/a b' } as const;
  const workflow = parse(workflowFile(odd));
  expect(workflow.on.push?.branches).toEqual(['it: "is" #1']);
  expect(workflow.jobs.backup).toMatchObject({ defaults: { run: { 'working-directory': 'apps/a b' } } });
});

describe.skipIf(!HAS_YAML)('the steps of the template, run one after the other in a fresh clone', () => {
  /**
   * What GitHub does with the `run:` steps: bash, in the work tree, stopping at the first that fails. The step that installs is
   * replaced: there is no registry here to install from, so this repository's own build takes the place of the package.
   */
  function perform(workflow: Workflow, top: string, env: Record<string, string>): number | null {
    for (const { name, run: script } of Object.values(workflow.jobs).flatMap((job) => job.steps)) {
      if (script === undefined) continue;
      if (name === 'Install') {
        link(top);
        continue;
      }
      const options = { cwd: top, env: { ...plainEnvironment, CI: 'true', ...env }, encoding: 'utf8' } as const;
      const { status } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], options);
      if (status !== 0) return status;
    }
    return 0;
  }

  function link(top: string): void {
    mkdirSync(join(top, 'node_modules/.bin'), { recursive: true });
    symlinkSync(ROOT, join(top, 'node_modules/overwinter'));
    const bin = join(top, 'node_modules/.bin/overwinter');
    writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    chmodSync(bin, 0o755);
  }

  test.each(['same', 'backups'] as const)('the backup reaches the branch (%s)', (branch) => {
    const settings = { packageManager: 'npm', defaultBranch: 'main', branch } as const;
    const deployment = newDeployment();
    addRows(deployment.app.db, 3);
    run(deployment.app.top, ['backup']);
    publish(deployment, 'begin');
    const page = pageIn(scratch());
    const env = { GITHUB_STEP_SUMMARY: page.path, GITHUB_REF: 'refs/heads/main' };
    expect(perform(parse(workflowFile(settings)), deployment.clone().top, env)).toBe(0);
    const target = branch === 'same' ? 'main' : 'backups';
    expect(deploymentsIn(backupsAt(deployment, target))).toHaveLength(1);
    expect(page.read()).toContain('Backup pushed');
  });

  test('the lines that are commented bring the data from a running app', async () => {
    const settings = { packageManager: 'npm', defaultBranch: 'main', branch: 'same' } as const;
    const text = workflowFile(settings)
      .replace(/^ +run: npx --no-install overwinter ci\n/m, '')
      .replace(/^( +)# (run: .*)\n( +)# {3}(OVERWINTER_TOKEN: .*)\n/m, '          $4\n$1$2\n');
    const step = Object.values(parse(text).jobs)
      .flatMap((job) => job.steps)
      .at(-1);
    expect(step).toMatchObject({
      run: 'npx --no-install overwinter ci --app https://app.example.org/settings/backups',
      env: expect.objectContaining({ OVERWINTER_TOKEN: ['$', '{{ secrets.OVERWINTER_TOKEN }}'].join('') }),
    });
  });

  test('the check pushes nothing and sounds the alarm', () => {
    const settings = { packageManager: 'npm', defaultBranch: 'main', branch: 'same' } as const;
    const deployment = newDeployment();
    addRows(deployment.app.db, 3);
    run(deployment.app.top, ['backup']);
    publish(deployment, 'begin');
    const before = deployment.atRemote('for-each-ref');
    expect(perform(parse(scheduleFile(settings)), deployment.clone().top, {})).toBe(3);
    addRows(deployment.app.db, 1);
    run(deployment.app.top, ['backup'], { OVERWINTER_ENVIRONMENT: 'production' });
    publish(deployment, 'more');
    expect(perform(parse(scheduleFile(settings)), deployment.clone().top, {})).toBe(0);
    expect(deployment.atRemote('for-each-ref')).not.toBe(before);
    expect(deploymentsIn(backupsAt(deployment))).toEqual([]);
  });

  describe.skipIf(postgresPrograms() === undefined)("production's database, at the address in a secret", () => {
    const settings = { packageManager: 'npm', defaultBranch: 'main', branch: 'backups' } as const;
    const workflow = () => parse(productionFile({ ...settings, addressIn: 'DATABASE_URL' }, 'DATABASE_URL'));

    test('is saved, and tried on the server beside it', async () => {
      const production = await freshDatabase();
      const beside = await freshDatabase();
      production.psql('CREATE TABLE notes (id int PRIMARY KEY); INSERT INTO notes SELECT generate_series(1, 30)');
      const deployment = newDeployment();
      writeFileSync(join(deployment.app.top, 'overwinter.config.json'), '{ "db": "env:DATABASE_URL" }');
      publish(deployment, 'begin');
      const page = pageIn(scratch());
      const env = {
        GITHUB_STEP_SUMMARY: page.path,
        GITHUB_REF: 'refs/heads/main',
        GITHUB_OUTPUT: join(scratch(), 'output'),
        ADDRESS: production.url,
        DATABASE_URL: production.url,
        OVERWINTER_DRILL: beside.url,
      };
      expect(perform(workflow(), deployment.clone().top, env)).toBe(0);
      expect(readFileSync(env.GITHUB_OUTPUT, 'utf8')).toBe('is-there=yes\n');
      expect(page.read()).toContain('passed with 30 rows');
      expect(deploymentsIn(backupsAt(deployment, 'backups'))).toHaveLength(1);
    });

    test('is left alone without the secret, and that is said', () => {
      const [look] = workflow().jobs.backup?.steps ?? [];
      const output = join(scratch(), 'output');
      const env = { ...plainEnvironment, GITHUB_OUTPUT: output, ADDRESS: '' };
      const ran = spawnSync('bash', ['-e', '-c', look?.run ?? 'exit 9'], { env, encoding: 'utf8' });
      expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining("'gh secret set DATABASE_URL'") });
      expect(existsSync(output)).toBe(false);
    });
  });
});
