import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { reasonOf } from '../../src/core/errors.ts';
import type { KeepEvent } from '../../src/keep/events.ts';
import { sentenceOf } from '../../src/keep/events.ts';
import { startLoop } from '../../src/keep/loop.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { liveBranch } from '../../src/stores/git/live-branch.ts';
import { stage } from '../panel/support.ts';
import { isSlow } from '../support/chance.ts';
import { overwinter, type Ran } from '../support/command-line.ts';
import { newDeployment, publish, run, runBeside } from '../support/deployment.ts';
import { exportServer, TOKEN } from '../support/export-server.ts';
import { ACCIDENTS, type Accident, type AccidentName, change, healthy } from '../support/losses.ts';
import { newRepository, plainEnvironment } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** A way in, with healthy data saved. */
interface World {
  readonly db: string;
  /** Saves, and answers what it says. */
  save(): Promise<string> | string;
  /** The backup that a boot would take. */
  newest(): string;
}

const said = ({ stdout, stderr }: Ran) => stdout + stderr;
const newestIn = (folder: string) =>
  readdirSync(join(folder, 'backups'))
    .filter((name) => /^(backup|deployment)_/.test(name))
    .sort()
    .at(-1) ?? '';

function folderWith(save: (folder: string) => Promise<string> | string) {
  return async (): Promise<World> => {
    const folder = scratch();
    writeFileSync(join(folder, 'package.json'), '{}');
    const db = join(folder, 'app.db');
    healthy(db);
    await save(folder);
    return { db, save: () => save(folder), newest: () => newestIn(folder) };
  };
}

function deployed() {
  const deployment = newDeployment();
  const { top, db } = deployment.app;
  healthy(db);
  run(top, ['backup']);
  publish(deployment, 'begin');
  const pointer = (branch: string) => {
    const { status, stdout } = deployment.app.tryGit(['show', `${branch}:backups/latest_backup.json`], {
      cwd: deployment.remote,
    });
    return status === 0 ? String(JSON.parse(stdout).name) : '';
  };
  return { deployment, top, db, pointer };
}

let branches = 0;

const ENTRANCES: Record<string, () => Promise<World> | World> = {
  'the command line': folderWith((folder) => said(overwinter(folder, ['backup', '--db', 'app.db']))),
  'a commit': () => {
    const repository = newRepository();
    rmSync(repository.db);
    healthy(repository.db);
    const save = () => {
      repository.write('code.txt', `${branches++}\n`);
      repository.git(['add', 'code.txt']);
      return repository.tryGit(['commit', '-q', '-m', 'work']).stderr;
    };
    save();
    return { db: repository.db, save, newest: () => newestIn(repository.top) };
  },
  keep: folderWith(async (folder) => {
    const timing = { debounce: 10_000, longest: 10_000 };
    const loop = startLoop(projectIn(folder), { trigger: 'keep', timing, onEvent: () => {} });
    const event: KeepEvent = await loop.backup();
    loop.stop();
    return `${event.type}: ${sentenceOf(event)}`;
  }),
  'overwinter run': folderWith((folder) =>
    said(overwinter(folder, ['run', '--db', 'app.db', '--dir', 'backups', '--', process.execPath, '-e', '0'])),
  ),
  'the panel': async () => {
    const { folder, done } = stage();
    const db = join(folder, 'app.db');
    healthy(join(folder, 'healthy.db'));
    rmSync(db);
    healthy(db);
    const save = async () => (await done('backup')).text;
    await save();
    return { db, save, newest: () => newestIn(folder) };
  },
  'ci on a branch that has backups': () => {
    const { top, db, pointer } = deployed();
    const save = () => said(run(top, ['ci', '--db', 'app.db', '--branch', 'saved']));
    save();
    return { db, save, newest: () => pointer('saved') };
  },
  'ci on a new branch': () => {
    const { top, db, pointer } = deployed();
    let branch = '';
    const save = () => {
      branch = `new-${branches++}`;
      return said(run(top, ['ci', '--db', 'app.db', '--branch', branch]));
    };
    return { db, save, newest: () => pointer(branch) };
  },
  'ci from a running app': async () => {
    const { top, db, pointer } = deployed();
    const { url } = await exportServer(projectIn(top, { environment: 'production' }));
    const save = async () =>
      said(await runBeside(top, ['ci', '--app', url, '--branch', 'saved'], { OVERWINTER_TOKEN: TOKEN }));
    await save();
    return { db, save, newest: () => pointer('saved') };
  },
  'ci from a running app on a new branch': async () => {
    const { top, db, pointer } = deployed();
    const { url } = await exportServer(projectIn(top, { environment: 'production' }));
    let branch = '';
    const save = async () => {
      branch = `new-${branches++}`;
      return said(await runBeside(top, ['ci', '--app', url, '--branch', branch], { OVERWINTER_TOKEN: TOKEN }));
    };
    return { db, save, newest: () => pointer(branch) };
  },
  'a branch that an app without backups of its own pushes to': async () => {
    const { top, db, pointer } = deployed();
    const folder = join(top, 'backups');
    const save = async () => {
      const project = projectIn(top);
      rmSync(folder, { recursive: true, force: true });
      try {
        await backup(project, { trigger: 'keep' });
        const live = {
          address: 'branch:live',
          ...liveBranch(
            { branch: 'live', folder, backups: folder, local: project.local, remote: undefined },
            plainEnvironment,
          ),
        };
        const copied = await bringNewest(project, live);
        return `copied ${copied?.name}`;
      } catch (error) {
        return reasonOf(error);
      }
    };
    await save();
    return { db, save, newest: () => pointer('live') };
  },
};

const CANNOT = [
  // It restores what is empty before it starts the app.
  'overwinter run: all rows are gone',
  // A loss in small steps shows in a chain of backups; an app that begins anew at every step has none.
  'a branch that an app without backups of its own pushes to: a table loses a tenth, again and again',
];

const SAMPLE: AccidentName = 'one table is emptied while another grows';
const situations = Object.keys(ENTRANCES).flatMap((entrance) =>
  Object.keys(ACCIDENTS).map((accident): [string, string] => [entrance, accident]),
);
const chosen = situations.filter(
  ([entrance, accident]) =>
    !CANNOT.includes(`${entrance}: ${accident}`) && (isSlow || entrance === 'the command line' || accident === SAMPLE),
);

const results: string[] = [];

test.each(chosen)(
  'law 4: %s, where %s',
  async (entrance, accident) => {
    const open = ENTRANCES[entrance];
    const found = Object.entries(ACCIDENTS).find(([name]) => name === accident);
    if (open === undefined || found === undefined) throw new Error('no such situation');
    const { sql, names, times = 1 }: Accident = found[1];
    const { db, save, newest } = await open();
    let words = '';
    for (let time = 0; time < times && !words.includes(names); time++) {
      const before = newest();
      change(db, sql);
      words = await save();
      if (times === 1 || words.includes(names))
        expect(newest(), words).toBe(entrance.includes('new branch') ? '' : before);
    }
    results.push(`${entrance} | ${accident} | ${words.includes(names) ? 'refused' : 'SAVED'}`);
    expect(words).toContain(names);
  },
  120_000,
);

afterAll(() => {
  const saved = results.filter((line) => line.endsWith('SAVED'));
  console.log(`${results.length} situations tried, ${saved.length} violations\n${results.sort().join('\n')}`);
});
