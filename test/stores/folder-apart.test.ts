import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { startLoop } from '../../src/keep/loop.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { status } from '../../src/operations/status.ts';
import { tryRemotes } from '../../src/operations/try-remotes.ts';
import { folderKindWith } from '../../src/stores/folder/folder-kind.ts';
import type { Around } from '../../src/stores/kind.ts';
import { isReadable, type Remote, type WritableStore } from '../../src/stores/store.ts';
import { storeContract } from '../contracts/store.ts';
import { MAIN, runProgramBeside, startBeside } from '../support/command-line.ts';
import { canInject, hanging } from '../support/faults.ts';
import { memoryKind, memoryPlace } from '../support/memory-store.ts';
import { addRows, plainEnvironment } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** The process as it is published. */
const SCRIPT = resolve(import.meta.dirname, '../../dist/folder-process.cjs');

const PART = 'parts/orders-0041402abc4b2a76b9719d911017c592ae3f2b10-00f31c9e.jsonl';

function inFolder(root: string, patience?: number, script = SCRIPT): Remote {
  const around: Around = {
    env: {},
    base: '/',
    environment: 'production',
    local: '/nowhere',
    backups: '/nowhere/backups',
    folder: '/nowhere/backups',
  };
  return { address: `folder:${root}`, ...folderKindWith(script, patience).parse(root)(around) };
}

function opened(remote: Remote, signal?: AbortSignal): WritableStore {
  const store = remote.open(signal);
  if (!isReadable(store)) throw new Error('it can be read');
  return store;
}

const disk = () => {
  const root = join(scratch(), 'disk');
  mkdirSync(root);
  return root;
};

storeContract('a folder that another process works in', () => {
  const root = disk();
  return { store: opened(inFolder(root)), again: () => opened(inFolder(root)) };
});

const given = { ...process.env };
afterEach(() => {
  for (const name of ['LD_PRELOAD', 'OVERWINTER_FAULT'])
    if (given[name] === undefined) delete process.env[name];
    else process.env[name] = given[name];
});

describe('a folder that another process works in', () => {
  test('says what that says', async () => {
    const gone = join(scratch(), 'unmounted');
    await expect(opened(inFolder(gone)).list('top')).rejects.toMatchObject({
      code: 'NOT_READABLE',
      hint: expect.stringContaining('mkdir -p'),
    });
    expect(await tryRemotes(projectIn(scratch(), { remotes: [inFolder(gone), inFolder(disk())] }))).toHaveLength(1);
  });

  test('keeps no process when nobody asks it anything', async () => {
    const children = () => process.getActiveResourcesInfo().filter((each) => /Process/.test(each)).length;
    const before = children();
    const store = opened(inFolder(disk()));
    await store.list('top');
    await store.batch((batch) => batch.publish('a.json', Buffer.from('a')));
    await expect.poll(children, { timeout: 5000 }).toBe(before);
  });

  test('keeps its batch, and the lock of it, however long nobody asks it anything', async () => {
    const remote = inFolder(disk());
    const store = opened(remote);
    await store.batch(async (batch) => {
      await batch.put(PART, Buffer.from('one'));
      await sleep(900);
      await batch.publish('a.json', Buffer.from('a'));
    });
    expect([...(await store.list('top')).keys()]).toContain('a.json');
    expect([...(await store.list('parts')).keys()]).toEqual([PART]);
  });

  test('one that dies in a batch is followed by no other', async () => {
    const root = disk();
    const script = join(scratch(), 'dies.cjs');
    const dies = `if (question.do === 'put') setTimeout(() => process.exit(1), 50)`;
    writeFileSync(script, `require(${JSON.stringify(SCRIPT)}); process.on('message', ({ question }) => { ${dies}; });`);
    const store = opened(inFolder(root, undefined, script));
    const said: string[] = [];
    const lost = store.batch(async (batch) => {
      await batch.put(PART, Buffer.from('one'));
      await sleep(500);
      const calls = [
        () => batch.put(PART, Buffer.from('two')),
        () => batch.list('top'),
        () => batch.remove([PART]),
        () => batch.publish('a.json', Buffer.from('a')),
      ];
      for (const call of calls) await call().catch((error: Error) => said.push(error.message));
    });
    await expect(lost).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('in the middle'),
    });
    expect(said).toHaveLength(4);
    for (const each of said) expect(each).toContain(`wrote to ${root}`);
    expect([...(await store.list('top')).keys()].filter((file) => file.endsWith('.json'))).toEqual([]);
  });

  test('is left alone in the middle of a batch when told to stop, and nothing half stands there', async () => {
    const root = disk();
    const project = projectIn(scratch(), { environment: 'production' });
    addRows(project.db, 5000, 'x'.repeat(90));
    await backup(project, { trigger: 'test' });
    const stop = new AbortController();
    const brought = bringNewest(project, inFolder(root), {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(brought).rejects.toThrow(/was stopped/);
    expect([...(await opened(inFolder(root)).list('top')).keys()].filter((file) => file.endsWith('.json'))).toEqual([]);
    // It is nobody's failure, and the next goes on where this one ended.
    expect((await status({ ...project, remotes: [inFolder(root)] })).stores).toMatchObject([{ light: 'yellow' }]);
    const told: (readonly [string, number, number])[] = [];
    const onProgress = (...progress: (typeof told)[number]) => void told.push(progress);
    expect(await bringNewest(project, inFolder(disk()), { onProgress })).toMatchObject({ status: 'copied' });
    const [phase, done, total] = told.at(-1) ?? [];
    expect([phase, done]).toEqual(['copying', total]);
  });
});

describe.skipIf(!canInject)('a share that is gone, and lets whoever looks at it hang', () => {
  test('holds up neither backups, nor other copies, nor a start; the light says it, and since when', async () => {
    const root = disk();
    const places = new Map([['good', memoryPlace()]]);
    const good = { address: 'memory:good', ...memoryKind(places).parse('good')(around()) };
    const remotes = [good, inFolder(root, 400)];
    const project = projectIn(scratch(), { environment: 'production', remotes });
    Object.assign(process.env, hanging(root));
    const failed: string[] = [];
    const loop = startLoop(project, {
      trigger: 'keep',
      timing: { debounce: 20, longest: 50 },
      onEvent: (event) => void ('problem' in event && failed.push(event.problem.message)),
    });
    try {
      for (const rows of [100, 20]) {
        addRows(project.db, rows);
        expect(await loop.backup()).toMatchObject({ type: 'backup' });
      }
      await loop.flush(5000);
      await expect.poll(() => failed.length, { timeout: 5000 }).toBeGreaterThan(0);
    } finally {
      loop.stop();
    }
    expect(failed[0]).toContain('did not answer');
    expect((await status(project)).stores).toMatchObject([
      { light: 'green' },
      { light: 'red', problem: { message: expect.stringContaining(root), since: expect.any(String) } },
    ]);
    const started = projectIn(scratch(), { environment: 'production', remotes, patience: 1000 });
    expect(await autoRestore(started)).toMatchObject({ restored: true, rows: 120 });
  });

  test('is not looked at by what has nothing to do there', async () => {
    const root = disk();
    const app = scratch();
    writeFileSync(join(app, 'package.json'), '{}');
    writeFileSync(join(app, 'overwinter.config.json'), JSON.stringify({ db: 'app.db', stores: [`folder:${root}`] }));
    addRows(join(app, 'app.db'), 10);
    rmSync(join(app, 'backups'), { recursive: true, force: true });
    for (const words of [['backup'], ['status'], ['list'], ['verify']]) {
      const ran = await startBeside(app, words, { ...plainEnvironment, OVERWINTER_HOST: 'none', ...hanging(root) });
      expect(ran.stderr + ran.stdout, words[0]).not.toContain('did not answer');
      expect(ran.stdout + ran.stderr).not.toBe('');
    }
    expect(await runProgramBeside(app, ['push'], { ...plainEnvironment, OVERWINTER_HOST: 'none' })).toMatchObject({
      code: 0,
    });
  }, 60_000);
});

describe.skipIf(!canInject)('a push that somebody stops', () => {
  test('ends at once, wherever it hangs', async () => {
    const root = disk();
    const app = scratch();
    writeFileSync(join(app, 'package.json'), '{}');
    writeFileSync(join(app, 'overwinter.config.json'), JSON.stringify({ db: 'app.db', stores: [`folder:${root}`] }));
    addRows(join(app, 'app.db'), 10);
    const env = { ...plainEnvironment, OVERWINTER_HOST: 'none' };
    expect(await runProgramBeside(app, ['backup'], env)).toMatchObject({ code: 0 });
    const push = spawn(process.execPath, [MAIN, 'push'], { cwd: app, env: { ...env, ...hanging(root) } });
    const said = text(push.stderr);
    setTimeout(() => push.kill('SIGINT'), 1500);
    const [code] = await once(push, 'exit');
    expect(code).toBe(130);
    expect(await said).toContain('was stopped');
    expect(readdirSync(root)).toEqual([]);
  });
});

const around = (): Around => ({
  env: {},
  base: '/',
  environment: 'production',
  local: '/nowhere',
  backups: '/nowhere/backups',
  folder: '/nowhere/backups',
});
