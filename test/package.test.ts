import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import module from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { build } from 'esbuild';
import { publint } from 'publint';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundledSources } from './support/bundled-sources.ts';
import { lasting } from './support/scratch.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MODULES = join(ROOT, 'node_modules');
/** Four kinds of databases, seven of places, the panel and the copying between kinds are in it, twice: for the command line, and for apps. */
const LARGEST = 1_250_000;

/** What a stranger gets beside the package: its dependencies, and the types that a TypeScript project has. */
const manifest: { dependencies: Record<string, string>; scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);
const { version: DRIVER }: { version: string } = JSON.parse(
  readFileSync(join(MODULES, 'better-sqlite3/package.json'), 'utf8'),
);
const BESIDE = [...Object.keys(manifest.dependencies), '@types/node'];

const folder = lasting();
const stranger = join(folder, 'stranger');
const installed = join(stranger, 'node_modules/overwinter');
let tarball = '';
let files: string[] = [];

beforeAll(() => {
  // The tests' global setup has just built what is packed.
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/man.ts'], { cwd: ROOT });
  // What a newer Node keeps there stays there.
  const kept = join(ROOT, 'dist/compiled');
  mkdirSync(join(kept, 'here'), { recursive: true });
  writeFileSync(join(kept, 'here/something'), '');
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  execFileSync('npm', args, { cwd: ROOT, stdio: 'pipe' });
  rmSync(kept, { recursive: true });
  tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? 'nothing was packed');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of BESIDE) {
    const link = join(stranger, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(MODULES, name), link);
  }
  files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  writeFileSync(join(stranger, 'package.json'), '{"name":"stranger","private":true,"type":"module"}');
});

const node = (args: readonly string[], cwd = stranger): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, OVERWINTER_HOST: 'none' },
  });

describe('what is packed', () => {
  test('is small', () => {
    expect(readFileSync(tarball).length).toBeLessThan(LARGEST);
  });

  test('is what runs, its types and its documents', () => {
    const others = files.filter((file) => /\.\w+$/.test(file) && !/^dist\/.*\.(c?js|d\.ts)$/.test(file));
    expect(others).toEqual(
      expect.arrayContaining(['README.md', 'dist/overwinter.1', 'docs/format.md', 'package.json']),
    );
    expect(
      others.filter((file) => !/^(README\.md|package\.json|docs\/format\.md|dist\/overwinter\.1)$/.test(file)),
    ).toEqual([]);
    expect(files.filter((file) => /test|bench|scripts|compiled\//.test(file))).toEqual([]);
  });

  test('names functions and short lines wherever the library throws', () => {
    // What is wrong in the options is found in the library itself, before anything is asked.
    const throwing = `import { keep } from 'overwinter';\ntry { await keep({ every: 'soon' }) } catch (error) { console.log(error.stack) }`;
    const { stdout } = node(['--input-type=module', '-e', throwing]);
    const [, column] = /at \w*keep\w* \(\S+\/dist\/[\w-]+\.js:\d+:(\d+)\)/i.exec(stdout) ?? [];
    expect(Number(column), stdout).toBeLessThan(400);
  });

  test('is as strict where it is CommonJS as its source is', () => {
    const programs = files.filter((file) => file.endsWith('.cjs'));
    expect(programs.length).toBeGreaterThan(3);
    for (const file of programs)
      expect(readFileSync(join(installed, file), 'utf8').replace(/^#!.*\n/, '')).toMatch(/^'use strict';/);
  });

  test('runs nothing when it is installed', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(script);
  });

  test('passes publint', async () => {
    const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages.filter(({ type }) => type !== 'suggestion')).toEqual([]);
  });

  test('has the right types, whoever resolves them', () => {
    // It is an ES module and says so; `require` gets it where Node can do that. The profile leaves out TypeScript's `node10`,
    // which knows no exports.
    const args = [tarball, '--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji', '--no-color'];
    const ran = spawnSync(join(MODULES, '.bin/attw'), args, { cwd: folder, encoding: 'utf8' });
    expect(ran.status, `${ran.stdout}${ran.stderr}`).toBe(0);
    expect(ran.stdout).toContain('overwinter');
  });
});

/** A database that is worth a second thread, in a folder of its own, and its backup. */
function keptApp(name: string): string {
  const app = join(folder, name);
  mkdirSync(join(app, 'node_modules'), { recursive: true });
  writeFileSync(join(app, 'package.json'), `{"name":"${name}"}`);
  symlinkSync(join(MODULES, 'better-sqlite3'), join(app, 'node_modules/better-sqlite3'));
  const db = new Database(join(app, 'app.db'));
  db.exec(`create table notes (id integer primary key, text);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000) insert into notes select i, 'kept' from n`);
  db.close();
  expect(node([join(installed, 'dist/main.cjs'), 'backup'], app).status).toBe(0);
  rmSync(join(app, 'app.db'));
  return app;
}

describe('made into one file with an app', () => {
  const PROGRAM = `
    import { autoRestore, createPanel, keep, openDatabase, withSnapshot } from 'overwinter';
    async function app() {
      const { restored } = await autoRestore({ db: 'app.db' });
      const db = await openDatabase('app.db');
      const rows = db.prepare('select count(*) from notes').pluck().get();
      const counted = await withSnapshot('counting', () => rows, { db });
      const kept = await keep(db).then(() => 'kept', ({ code }) => code);
      let panel = 'mounted';
      try { createPanel({ db: 'app.db', authorize: () => 'read' }); } catch ({ code }) { panel = code; }
      console.log([restored, counted, kept, panel].join(' '));
      db.close();
    }
    app();`;

  test.each(['esm', 'cjs'] as const)('as %s, it restores and saves, and says what it cannot do so', async (format) => {
    const app = keptApp(`bundled-${format}`);
    await build({
      stdin: { contents: PROGRAM, resolveDir: stranger },
      outfile: join(app, 'app.js'),
      bundle: true,
      platform: 'node',
      format,
      external: ['better-sqlite3'],
      logLevel: 'error',
    });
    writeFileSync(join(app, 'package.json'), `{"name":"app","type":"${format === 'esm' ? 'module' : 'commonjs'}"}`);
    const ran = node(['app.js'], app);
    expect(ran.stdout, ran.stderr).toMatch(/\ntrue 60000 PACKAGE_INCOMPLETE PACKAGE_INCOMPLETE\n$/);
  });
});

describe('imported', () => {
  test('from an ES module', () => {
    const ran = node(['--input-type=module', '-e', "console.log(Object.keys(await import('overwinter')).join(' '))"]);
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toContain('autoRestore createPanel defineConfig keep openDatabase');
  });

  const canRequire = Reflect.get(process.features, 'require_module') === true;
  const REQUIRE = "console.log(typeof require('overwinter').openDatabase)";

  test.runIf(canRequire)('from CommonJS, where Node can', () => {
    expect(node(['--input-type=commonjs', '-e', REQUIRE]).stdout).toBe('function\n');
  });

  test('from CommonJS where Node cannot, says what to do instead', () => {
    const without = canRequire ? ['--no-experimental-require-module'] : [];
    const { status, stderr } = node([...without, '--input-type=commonjs', '-e', REQUIRE]);
    expect(status).toBe(1);
    expect(stderr).toContain('ERR_REQUIRE_ESM');
    expect(stderr).toContain('dynamic import()');
  });

  test('loads nothing before it is used', async () => {
    const log = join(folder, 'loaded');
    const hooks = `import { appendFileSync } from 'node:fs';
      export async function load(url, context, next) { appendFileSync(${JSON.stringify(log)}, url + '\\n'); return next(url, context); }`;
    const register = `import { register } from 'node:module'; register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hooks))});`;
    const ran = node([
      // Newer Nodes would have these hooks registered otherwise.
      '--disable-warning=DEP0205',
      '--import',
      `data:text/javascript,${encodeURIComponent(register)}`,
      '--input-type=module',
      '-e',
      "await import('overwinter')",
    ]);
    expect(ran.stderr).toBe('');
    const loaded = readFileSync(log, 'utf8').split('\n');
    const own = loaded.filter((url) => url.includes('/overwinter/dist/'));
    const sources = await bundledSources(own.map((url) => basename(url)));
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.length).toBeLessThan(35);
    expect(loaded.filter((url) => url.startsWith('file:') && !own.includes(url) && !url.includes('[eval'))).toEqual([]);
    const work = /\/(operations|engines|stores|git|cli|pages)\/|panel\/(panel|routes|style|texts)\.ts/;
    expect(sources.filter((source) => work.test(source))).toEqual([]);
  });
});

describe('compiled against', () => {
  const PROGRAM = `
import { autoRestore, createPanel, defineConfig, keep, openDatabase, OverwinterError, withSnapshot } from 'overwinter';
import type { Keeper, PanelOptions } from 'overwinter';
export default defineConfig({ db: 'app.db', retention: { last: 3 } });
const db = await openDatabase('app.db');
const rows: unknown[] = db.prepare('select 1').all();
const keeper: Keeper = await keep(db, { debounce: '5s' });
const options: PanelOptions = { authorize: () => 'read' };
const response: Response = await createPanel(options).fetch(new Request('http://localhost/backups/'));
const answer: number = await withSnapshot('count', () => rows.length);
const { restored }: { restored: boolean } = await autoRestore();
// @ts-expect-error: a name that no setting has
defineConfig({ dbb: 'app.db' });
// @ts-expect-error: what is opened is a database, and it has no such method
db.nothing();
console.log(response.status, answer, restored, keeper.health().light, OverwinterError.name);
`;

  test.each([
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ])('with module resolution %s', (moduleResolution, module) => {
    const name = `program-${moduleResolution}.ts`;
    writeFileSync(join(stranger, name), PROGRAM);
    const strict = ['--strict', '--noEmit', '--target', 'es2022', '--types', 'node'];
    const how = ['--ignoreConfig', '--module', module, '--moduleResolution', moduleResolution];
    const ran = spawnSync(join(MODULES, '.bin/tsc'), [...strict, ...how, name], { cwd: stranger, encoding: 'utf8' });
    expect(ran.stdout).toBe('');
    expect(ran.status).toBe(0);
  });
});

/** An app beside which the driver's own files lie, and no binary. */
function withoutBinary(name: string): string {
  const unbuilt = join(folder, name);
  cpSync(installed, join(unbuilt, 'node_modules/overwinter'), { recursive: true });
  for (const name of [...BESIDE, 'bindings', 'file-uri-to-path'].filter((each) => each !== 'better-sqlite3')) {
    mkdirSync(dirname(join(unbuilt, 'node_modules', name)), { recursive: true });
    symlinkSync(join(MODULES, name), join(unbuilt, 'node_modules', name));
  }
  for (const path of ['package.json', 'lib'])
    cpSync(join(MODULES, 'better-sqlite3', path), join(unbuilt, 'node_modules/better-sqlite3', path), {
      recursive: true,
    });
  writeFileSync(join(unbuilt, 'package.json'), '{"name":"unbuilt","type":"module"}');
  return unbuilt;
}

function withDriver13(name: string): string {
  const app = withoutBinary(name);
  const manifest = join(app, 'node_modules/better-sqlite3/package.json');
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), version: '13.2.0' }));
  return app;
}

test('where an installer built no driver, the command says how to come by one', () => {
  const unbuilt = withoutBinary('unbuilt');
  const command = node(
    [join(unbuilt, 'node_modules/overwinter/dist/main.cjs'), 'auto-restore', '--db', 'app.db'],
    unbuilt,
  );
  expect(command).toMatchObject({ status: 1, stdout: '' });
  const [what, how] = DRIVER.startsWith('12.')
    ? ['was not built for the Node that runs here', 'pnpm approve-builds']
    : ['has no binary that runs here', 'npm install better-sqlite3@12'];
  expect(command.stderr).toContain(what);
  expect(command.stderr).toContain(how);
  const boot = "await (await import('overwinter')).openDatabase('app.db').catch(({ code }) => console.log(code))";
  expect(node(['--input-type=module', '-e', boot], unbuilt).stdout).toBe('DRIVER_NOT_BUILT\n');
});

test.runIf(Number(process.versions.napi) < 10)(
  'a driver that this Node cannot run ends no process without a word (newer ones run it)',
  () => {
    const app = withDriver13('too-new');
    const main = join(app, 'node_modules/overwinter/dist/main.cjs');
    const said = node([main, 'auto-restore', '--db', 'app.db'], app);
    expect(said).toMatchObject({ status: 1, stdout: '' });
    expect(said.stderr).toContain('better-sqlite3 13, which opens SQLite databases, does not run on Node 20');
    expect(said.stderr).toContain('npm install better-sqlite3@12');
    const doctor = node([main, 'doctor', '--offline', '--json', '--db', 'app.db'], app);
    expect(JSON.parse(doctor.stdout).checks).toContainEqual(
      expect.objectContaining({
        id: 'driver',
        level: 'failure',
        findings: [
          expect.objectContaining({
            text: expect.stringMatching(/^On Node 20\S+ better-sqlite3 13.2.0 does not run\.$/),
            fix: 'npm install better-sqlite3@12',
          }),
        ],
      }),
    );
  },
);

// Where it is missing it is missed all the same, in other words.
test.runIf(Number(process.versions.napi) < 10).each(['esm', 'cjs'] as const)(
  'nor does it where an app is one file, as %s (newer Nodes run it)',
  async (format) => {
    const app = withDriver13(`too-new-${format}`);
    await build({
      stdin: {
        contents:
          "import { openDatabase } from 'overwinter'; openDatabase('app.db').catch(({ message }) => console.log(message));",
        resolveDir: stranger,
      },
      outfile: join(app, format === 'esm' ? 'app.mjs' : 'app.cjs'),
      bundle: true,
      platform: 'node',
      format,
      external: ['better-sqlite3'],
      logLevel: 'error',
    });
    const ran = node([format === 'esm' ? 'app.mjs' : 'app.cjs'], app);
    expect(ran.stdout, ran.stderr).toMatch(/^better-sqlite3 13, which opens SQLite databases, does not run on Node 20/);
  },
);

describe('what V8 made of the program', () => {
  const own = join(installed, 'dist');
  const compiled = join(own, 'compiled');
  const run = (...args: string[]) =>
    spawnSync('sh', ['-c', `umask 000; exec "${process.execPath}" dist/main.cjs "$@"`, 'sh', ...args], {
      cwd: installed,
      encoding: 'utf8',
    });

  test('is kept beside it, for its owner alone', () => {
    rmSync(compiled, { recursive: true, force: true });
    const { stdout } = run('--version');
    expect(stdout).toMatch(/^\d/);
    expect(statSync(compiled).mode & 0o777).toBe(0o700);
    expect(readdirSync(compiled)).toHaveLength(1);
    expect(run('--version')).toMatchObject({ status: 0, stdout, stderr: '' });
  });

  test.skipIf('enableCompileCache' in module)('is not run where it was torn or changed, and is made anew', () => {
    const { stdout } = run('--version');
    const [name = ''] = readdirSync(compiled);
    const file = join(compiled, name);
    const whole = readFileSync(file);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(whole.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1);
    for (const bytes of [flipped, whole.subarray(0, whole.length >> 1), Buffer.alloc(0)]) {
      writeFileSync(file, bytes);
      expect(run('--version')).toMatchObject({ status: 0, stdout, stderr: '' });
      expect(readFileSync(file).length).toBeGreaterThan(whole.length / 2);
      expect(readFileSync(file).equals(bytes)).toBe(false);
      expect(readdirSync(compiled)).toEqual([name]);
    }
  });

  test('imports a configuration that is a module all the same, from what is kept as well', () => {
    const project = join(folder, 'of-a-module');
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'overwinter.config.mjs'), 'export default { db: "gone.db" };');
    for (let turn = 0; turn < 2; turn++) {
      const { stderr } = spawnSync(process.execPath, [join(own, 'main.cjs'), 'backup'], {
        cwd: project,
        encoding: 'utf8',
      });
      expect(stderr).toContain('gone.db');
      expect(stderr).not.toContain('Warning');
    }
  });

  test.runIf(process.getuid?.() === 0)('is not kept where the program is somebody else’s (only root can try)', () => {
    rmSync(compiled, { recursive: true, force: true });
    chownSync(own, 65534, 65534);
    expect(run('--version').status).toBe(0);
    expect(existsSync(compiled)).toBe(false);
    chownSync(own, 0, 0);
  });
});

test('whatever it loads late can be loaded', () => {
  const late = readdirSync(join(installed, 'dist')).filter((file) => /-[A-Z0-9]{8}\.js$/.test(file));
  expect(late.length).toBeGreaterThan(20);
  const all = `for (const file of ${JSON.stringify(late)}) await import('./node_modules/overwinter/dist/' + file); console.log('all')`;
  const ran = node(['--input-type=module', '-e', all]);
  expect(ran.stdout, ran.stderr).toBe('all\n');
});

test('a program that ends with its work undone says so', () => {
  const half = join(folder, 'half');
  mkdirSync(half);
  cpSync(join(installed, 'dist/main.cjs'), join(half, 'main.cjs'));
  const run = (program: string) => {
    writeFileSync(join(half, 'program.cjs'), program);
    return node([join(half, 'main.cjs'), 'restore'], half);
  };
  expect(run('exports.main = () => new Promise(() => {});')).toMatchObject({
    status: 1,
    stderr: 'overwinter: it ended before its work was done\n',
  });
  expect(run('exports.main = async () => {};')).toMatchObject({ status: 0, stderr: '' });
  expect(run('throw new Error("broken");')).toMatchObject({ status: 1, stderr: expect.stringContaining('broken') });
});

test('a restore by two threads takes none of the flags that node was started with', () => {
  const app = keptApp('flags');
  symlinkSync(installed, join(app, 'node_modules/overwinter'));
  const boot = "console.log((await (await import('overwinter')).autoRestore({ db: 'app.db' })).restored)";
  const ran = node(['--input-type=module', '-e', boot], app);
  expect(ran.stdout, ran.stderr).toMatch(/\ntrue\n$/);
});

test('a panel whose files are gone says so, and goes on once they are back', () => {
  const panel = readdirSync(join(installed, 'dist')).find((file) => /^panel-[A-Z0-9]{8}\.js$/.test(file)) ?? '';
  const [here, away] = [join(installed, 'dist', panel), join(folder, 'away.js')];
  const ask = `
    import { renameSync } from 'node:fs';
    import { createPanel } from 'overwinter';
    const panel = createPanel({ db: 'app.db', basePath: '/backups', authorize: () => 'read' });
    const answer = async () => { const { status } = await panel.fetch(new Request('http://localhost/backups/')); return status; };
    renameSync(${JSON.stringify(here)}, ${JSON.stringify(away)});
    const before = await answer();
    renameSync(${JSON.stringify(away)}, ${JSON.stringify(here)});
    console.log(before, await answer());
    panel.close();`;
  const ran = node(['--input-type=module', '-e', ask]);
  expect(ran.stdout, ran.stderr).toBe('500 200\n');
});

test('its command keeps a stranger’s data and brings it back', () => {
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"name":"app"}');
  const file = join(app, 'app.db');
  const db = new Database(file);
  db.exec("create table notes (text); insert into notes values ('kept')");
  db.close();
  const run = (...args: string[]) => {
    const ran = node([join(installed, 'dist/main.cjs'), ...args], app);
    expect(ran.status, ran.stderr).toBe(0);
    return ran.stdout;
  };
  expect(run('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(run('init', '--dry-run')).toContain('create');
  expect(JSON.parse(run('backup', '--json'))).toMatchObject({ status: 'created', rows: 1 });
  rmSync(file);
  expect(JSON.parse(run('restore', '--json'))).toMatchObject({ rows: 1 });
  const back = new Database(file, { readonly: true });
  expect(back.prepare('select text from notes').pluck().get()).toBe('kept');
  back.close();
});
