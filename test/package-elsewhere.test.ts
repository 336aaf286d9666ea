import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isSlow } from './support/chance.ts';
import { prebuilt } from './support/prebuilt.ts';
import { whyNoRegistry } from './support/registry.ts';
import { lasting } from './support/scratch.ts';

/**
 * The package as others install it: by another installer, and for another Node, for which the driver is fetched or compiled. Part of
 * the slow suite: it needs a registry, and each Node its own driver, which takes minutes where none can be fetched.
 */
const ROOT = resolve(import.meta.dirname, '..');
const MINUTES = 60_000;
const why = isSlow ? whyNoRegistry() : 'only the slow suite installs packages';
const because = why === undefined ? '' : ` (skipped: ${why})`;

const folder = lasting();
let tarball = '';

beforeAll(() => {
  if (why !== undefined) return;
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdio: 'ignore' });
  tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? 'nothing was packed');
});

/** Of this process's own variables, those that say how to reach a registry stay, and where ready drivers lie. */
const surroundings = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(OVERWINTER|CI$|NODE_ENV$|VITEST|npm_(?!config_better_sqlite3_local_prebuilds$))/.test(name),
  ),
);

function run(command: string, args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}): string {
  const env = { ...surroundings, OVERWINTER_HOST: 'none', npm_config_yes: 'true', npm_config_audit: 'false', ...more };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

const APP = `
import { openDatabase } from 'overwinter';
const db = await openDatabase('data/app.db');
db.exec('CREATE TABLE IF NOT EXISTS notes (text TEXT)');
db.prepare('INSERT INTO notes VALUES (?)').run(process.argv[2]);
console.log(JSON.stringify(db.prepare('SELECT text FROM notes').pluck().all()));
`;

/** A driver that does not fit its Node ends about every second of such processes: statements are collected while nothing else runs. */
const MANY_STATEMENTS = `
import { createReadStream } from 'node:fs';
import { openDatabase } from 'overwinter';
const db = await openDatabase('data/app.db');
for (let round = 0; round < 10; round++) {
  for (let i = 0; i < 3000; i++) db.prepare('SELECT ' + i).get();
  for await (const _ of createReadStream(process.execPath, { highWaterMark: 1024 * 1024 }));
}
console.log('still here');
`;
const TIMES = 8;

function newStranger(manifest: object = {}): string {
  const stranger = mkdtempSync(join(folder, 'stranger-'));
  writeFileSync(join(stranger, 'package.json'), JSON.stringify({ private: true, type: 'module', ...manifest }));
  writeFileSync(join(stranger, 'app.js'), APP);
  return stranger;
}

/** An app keeps a note, is backed up, loses its database and starts again. */
function losesNothing(stranger: string, env: NodeJS.ProcessEnv = {}): void {
  const bin = join(stranger, 'node_modules/.bin/overwinter');
  mkdirSync(join(stranger, 'data'));
  expect(run('node', ['app.js', 'kept'], stranger, env)).toBe('["kept"]\n');
  const made: unknown = JSON.parse(run(bin, ['backup', '--db', 'data/app.db', '--json'], stranger, env));
  expect(made).toMatchObject({ status: 'created', rows: 1 });
  rmSync(join(stranger, 'data'), { recursive: true });
  expect(run('node', ['app.js', 'new'], stranger, env)).toMatch(
    /^overwinter: .* restored from .*\n\["kept","new"\]\n$/,
  );
}

interface Installer {
  readonly name: string;
  readonly args: (tarball: string) => readonly string[];
  readonly manifest?: object;
}

/** Installers other than npm take the newest driver, whatever Node runs, unless they are told. */
const DRIVER_FOR_OLD_NODE = Number(process.versions.napi) < 10 ? { resolutions: { 'better-sqlite3': '^12.11.1' } } : {};

/** Yarn 4 and pnpm build what a dependency wants built only where they are told to. */
const INSTALLERS: readonly Installer[] = [
  { name: 'npm', args: (file) => ['npm@11', 'install', file] },
  { name: 'pnpm', args: (file) => ['pnpm@10', 'add', '--allow-build=better-sqlite3', file] },
  { name: 'Yarn 1', args: (file) => ['yarn@1', 'add', `file:${file}`] },
  {
    name: 'Yarn 4',
    args: (file) => ['@yarnpkg/cli-dist@4', 'add', `overwinter@file:${file}`],
    manifest: { dependenciesMeta: { 'better-sqlite3': { built: true } } },
  },
];

describe.skipIf(why !== undefined)(`installed${because}`, () => {
  test.each(INSTALLERS)('by $name, it loses nothing', { timeout: 10 * MINUTES }, ({ args, manifest }) => {
    const stranger = newStranger({ ...DRIVER_FOR_OLD_NODE, ...manifest });
    // Without these, Yarn 4 keeps no node_modules, and takes the folder for a part of whatever lies above.
    writeFileSync(join(stranger, '.yarnrc.yml'), 'nodeLinker: node-modules\nenableTelemetry: false\n');
    writeFileSync(join(stranger, 'yarn.lock'), '');
    run('npx', args(tarball), stranger, prebuilt(join(folder, 'prebuilt')));
    losesNothing(stranger);
  });
});

const OWN_MAJOR = Number(process.versions.node.split('.')[0]);

describe.skipIf(why !== undefined).each([20, 22, 24, 26].filter((major) => major !== OWN_MAJOR))(
  `on Node %i${because}`,
  (major) => {
    /** The package `node` from npm is the program itself, with what compilers need beside it. */
    function otherNode(): NodeJS.ProcessEnv {
      const place = join(folder, `node-${major}`);
      const name = `node-${process.platform}-${process.arch}`;
      mkdirSync(place, { recursive: true });
      run('npm', ['install', '--prefix', place, '--ignore-scripts', `${name}@${major}`], place);
      const root = join(place, 'node_modules', name);
      return { PATH: `${join(root, 'bin')}:${process.env.PATH}`, npm_config_nodedir: root };
    }

    test('it loses nothing, its driver does not end it, and the tests of the core pass', {
      timeout: 20 * MINUTES,
    }, () => {
      const env = otherNode();
      expect(run('node', ['--version'], folder, env)).toMatch(new RegExp(`^v${major}\\.`));
      const stranger = newStranger();
      run('npm', ['install', tarball], stranger, env);
      losesNothing(stranger, env);
      for (let i = 0; i < TIMES; i++)
        expect(run('node', ['--input-type=module', '-e', MANY_STATEMENTS], stranger, env)).toBe('still here\n');
      const required = "console.log(typeof require('overwinter').openDatabase)";
      expect(run('node', ['--input-type=commonjs', '-e', required], stranger, env)).toBe('function\n');
      // Another configuration builds nothing: other tests are using what was built. The driver here is for this Node.
      const plain = join(folder, 'vitest.config.mjs');
      const driver = join(stranger, 'node_modules/better-sqlite3/lib/index.js');
      const config = { test: { testTimeout: 60_000 }, resolve: { alias: { 'better-sqlite3': driver } } };
      writeFileSync(plain, `export default ${JSON.stringify(config)};\n`);
      const how = ['--root', ROOT, '--config', plain, '--reporter', 'json'];
      const told = run('node', ['node_modules/vitest/vitest.mjs', 'run', 'test/core', ...how], ROOT, env);
      expect(JSON.parse(told)).toMatchObject({ success: true, numFailedTests: 0 });
    });
  },
);
