import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSlow } from '../support/chance.ts';
import { MAIN } from '../support/command-line.ts';
import { backupsAt, deploymentsIn, newDeployment, pageIn, publish, run } from '../support/deployment.ts';
import { prebuilt } from '../support/prebuilt.ts';
import { whyNoRegistry } from '../support/registry.ts';
import { addRows, plainEnvironment } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** What `uses: <owner>/overwinter@…` runs in repositories without Node of their own. */
const ROOT = resolve(import.meta.dirname, '../..');

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const HAS_YAML = spawnSync('python3', ['-c', 'import yaml']).status === 0;

function read(): Action {
  const script = 'import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))';
  const { stdout } = spawnSync('python3', ['-c', script], {
    input: readFileSync(join(ROOT, 'action.yml')),
    encoding: 'utf8',
  });
  const action: Action = JSON.parse(stdout);
  return action;
}

interface Given {
  readonly top: string;
  readonly temp: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** As GitHub does: what stands in braces is put in its place, and each step runs in bash, stopping at what fails. */
function perform(steps: readonly Step[], { top, temp, inputs = {}, env = {} }: Given) {
  const { inputs: known } = read();
  const filled = (text: string): string =>
    text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
      if (name === 'runner.temp') return temp;
      if (name === 'github.action_path') return ROOT;
      if (name === 'github.token') return '';
      const input = name.replace(/^inputs\./, '');
      return inputs[input] ?? filled(known[input]?.default ?? `nobody knows ${name}`);
    });
  for (const { run: script, shell, env: own = {}, 'working-directory': folder = '.' } of steps) {
    if (script === undefined) continue;
    expect(shell).toBe('bash');
    // What is given by anybody must not become a part of the script.
    expect(script).not.toContain('${{');
    const given = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, filled(value)]));
    const ran = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
      cwd: join(top, filled(folder)),
      env: { ...plainEnvironment, CI: 'true', GITHUB_REF: 'refs/heads/main', ...env, ...given },
      encoding: 'utf8',
    });
    if (ran.status !== 0) return { status: ran.status, said: ran.stdout + ran.stderr };
  }
  return { status: 0, said: '' };
}

function withoutInstalling(temp: string): void {
  const bin = join(temp, 'overwinter/node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'overwinter'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(bin, 'overwinter'), 0o755);
}

/** An app in Python: there is no package.json, and no node_modules. */
function pythonApp() {
  const deployment = newDeployment();
  const { app } = deployment;
  app.git(['rm', '-q', '--cached', '--ignore-unmatch', 'package.json']);
  app.write('app.py', 'print("hello")\n');
  app.write('overwinter.config.json', '{ "db": "app.db" }\n');
  addRows(app.db, 3);
  run(app.top, ['backup']);
  publish(deployment, 'begin');
  return deployment;
}

/** How to reach a registry, and where ready drivers lie. */
const surroundings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      /^(npm_config_|NODE_EXTRA_CA_CERTS$|HTTPS?_PROXY$)/i.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );

describe.skipIf(!HAS_YAML)('the action', () => {
  test('says what each input is for, and names other actions by their commits', () => {
    const { inputs, runs } = read();
    expect(runs.using).toBe('composite');
    for (const [name, { description }] of Object.entries(inputs)) expect(description, name).toMatch(/^[A-Z].*\.$/);
    for (const { uses } of runs.steps) if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    const used = JSON.stringify(runs.steps);
    for (const name of Object.keys(inputs)) expect(used, name).toContain(`inputs.${name} }}`);
    const { stdout } = run(scratch(), ['ci', '--help']);
    const flags = used.match(/(?<=\()--(?:[a-z-]+)/g) ?? [];
    expect(flags.length).toBeGreaterThan(4);
    for (const flag of flags.filter((each) => each !== '--db')) expect(stdout).toMatch(new RegExp(`${flag}\\b`));
    expect(run(scratch(), ['--help']).stdout).toContain('--db ');
  });

  test('keeps what is deployed, in an app without Node', () => {
    const deployment = pythonApp();
    const temp = scratch();
    withoutInstalling(temp);
    const page = pageIn(scratch());
    const steps = read().runs.steps.slice(-1);
    const env = { GITHUB_STEP_SUMMARY: page.path };
    const ran = perform(steps, { top: deployment.clone().top, temp, inputs: { branch: 'backups' }, env });
    expect(ran).toEqual({ status: 0, said: '' });
    expect(deploymentsIn(backupsAt(deployment, 'backups'))).toHaveLength(1);
    expect(page.read()).toContain('Backup pushed');
  });

  test('passes on what it is given as it is, and fails where that fails', () => {
    const deployment = pythonApp();
    const temp = scratch();
    withoutInstalling(temp);
    const steps = read().runs.steps.slice(-1);
    const { top } = deployment.clone();
    const before = deployment.atRemote('for-each-ref');
    expect(perform(steps, { top, temp, inputs: { 'max-age': '2d', 'dry-run': 'true' } }).status).toBe(3);
    const hostile = '"; touch stranger; echo "';
    expect(perform(steps, { top, temp, inputs: { environment: hostile, 'dry-run': 'true' } }).status).not.toBe(127);
    expect(readdirSync(top)).not.toContain('stranger');
    expect(deployment.atRemote('for-each-ref')).toBe(before);
  });

  const why = isSlow ? whyNoRegistry() : 'only the slow suite installs packages';
  test.skipIf(why !== undefined)(
    `installs itself beside the app${why === undefined ? '' : ` (skipped: ${why})`}`,
    { timeout: 600_000 },
    () => {
      const folder = scratch();
      spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
      const tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? 'nothing was packed');
      const deployment = pythonApp();
      const { top } = deployment.clone();
      const ran = perform(read().runs.steps, {
        top,
        temp: scratch(),
        inputs: { package: tarball },
        env: { ...surroundings(), ...prebuilt(scratch()) },
      });
      expect(ran).toEqual({ status: 0, said: '' });
      expect(deploymentsIn(backupsAt(deployment))).toHaveLength(1);
      // Nothing of it is in the app's folder.
      expect(readdirSync(top)).not.toContain('node_modules');
    },
  );
});
