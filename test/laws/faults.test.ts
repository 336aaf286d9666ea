import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdOf } from '../../src/local/hold.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { restore } from '../../src/operations/restore.ts';
import { undo } from '../../src/operations/snapshot.ts';
import { type Chance, chance, isSlow } from '../support/chance.ts';
import { canInject, type Fault, runWithFault, type SystemCall, type Tried } from '../support/faults.ts';
import { repositoryIn } from '../support/repository.ts';
import { NEXT_STEP, stepOf } from '../support/sample.ts';
import { projectIn } from '../support/scratch.ts';
import { forgetDatabase, NEWEST, nextStep, threeSteps } from '../support/three-steps.ts';

const CASES = isSlow ? 30 : 1;

/** What the system may say to what it is asked. */
const KINDS: readonly (readonly [SystemCall, Fault['error']])[] = [
  ['open', 'EACCES'],
  ['open', 'EMFILE'],
  ['open', 'EIO'],
  ['read', 'EIO'],
  ['stat', 'EIO'],
  ['stat', 'EACCES'],
  ['list', 'EMFILE'],
  ['list', 'EIO'],
  ['create', 'ENOSPC'],
  ['create', 'EMFILE'],
  ['write', 'ENOSPC'],
  ['write', 'EIO'],
  ['fsync', 'EIO'],
  ['rename', 'EIO'],
  ['unlink', 'EIO'],
  ['mkdir', 'EACCES'],
];

interface Situation {
  readonly folder: string;
  readonly project: ReturnType<typeof projectIn>;
  readonly tried: Tried;
  /** The files of `backups/` before, by path, with their bytes. */
  readonly before: ReadonlyMap<string, Buffer>;
}

interface Verb {
  readonly args: readonly string[];
  /** Changes the copied project before the command runs. Default: the next step, which no backup has yet. */
  readonly prepare?: (folder: string) => void;
  /** Throws where a law is broken. */
  readonly check: (situation: Situation) => Promise<void> | void;
}

/** The step of the database, which no backup has yet. */
const LIVE = NEWEST + 1;

function filesOf(folder: string): Map<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true }).map(String);
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(folder, path))]));
}

/** What was there is there; the pointer alone may be another. */
function nothingDeleted({ folder, before }: Situation, mayGo = new Set<string>()): void {
  const now = filesOf(join(folder, 'backups'));
  for (const [path, bytes] of before) {
    if (path === 'latest_backup.json' || mayGo.has(path)) continue;
    expect(now.get(path)?.equals(bytes), `${path} is as it was`).toBe(true);
  }
}

/** The newest backup, restored elsewhere, is of one of these steps. */
async function newestIs({ folder, project }: Situation, ...steps: number[]): Promise<void> {
  const to = join(folder, 'elsewhere.db');
  const restored = await restore(project, { name: 'latest', to });
  expect(restored.skipped).toEqual([]);
  expect(steps).toContain(stepOf(to));
  rmSync(to);
}

const VERBS: Readonly<Record<string, Verb>> = {
  backup: {
    args: ['backup'],
    async check(situation) {
      const { project, tried } = situation;
      nothingDeleted(situation);
      expect(stepOf(project.db)).toBe(LIVE);
      await newestIs(situation, ...(tried.code === 0 ? [LIVE] : [NEWEST, LIVE]));
      await backup(project, { trigger: 'test' });
      await newestIs(situation, LIVE);
    },
  },

  'auto-restore': {
    args: ['auto-restore'],
    prepare: forgetDatabase,
    async check(situation) {
      const { project, tried } = situation;
      nothingDeleted(situation);
      const isThere = existsSync(project.db) && statSync(project.db).size > 0;
      if (tried.code === 0) expect(stepOf(project.db), 'no older rows in silence').toBe(NEWEST);
      else if (isThere) expect(stepOf(project.db)).toBe(NEWEST);
      else expect(holdOf(project.local, project.db) ?? whyNoHold(tried), 'a hold').toBeDefined();
      await autoRestore(project);
      expect(stepOf(project.db)).toBe(NEWEST);
    },
  },

  restore: {
    args: ['restore', 'latest'],
    async check(situation) {
      const { project, tried } = situation;
      nothingDeleted(situation);
      const step = stepOf(project.db);
      expect([NEWEST, ...(tried.code === 0 ? [] : [LIVE])]).toContain(step);
      if (step === NEWEST) {
        await undo(project);
        expect(stepOf(project.db), 'the snapshot has what was replaced').toBe(LIVE);
      }
      await newestIs(situation, NEWEST);
    },
  },

  verify: {
    args: ['verify', '--all'],
    async check(situation) {
      expect(situation.tried.code, 'no backup is bad').not.toBe(3);
      nothingDeleted(situation);
      await newestIs(situation, NEWEST);
    },
  },

  prune: {
    args: ['prune', '--last', '1', '--daily', '0', '--weekly', '0', '--monthly', '0'],
    async check(situation) {
      const { before } = situation;
      // What retention keeps stays, whatever happens.
      const kept = await prunedWell();
      nothingDeleted(situation, new Set([...before.keys()].filter((path) => !kept.has(path))));
      await newestIs(situation, NEWEST);
    },
  },

  hook: {
    args: ['hook', 'pre-commit'],
    prepare(folder) {
      nextStep(folder);
      writeFileSync(join(folder, 'package.json'), '{"name":"app"}\n');
      repositoryIn(folder).git(['add', 'package.json']);
    },
    async check(situation) {
      const { folder, project, tried } = situation;
      expect(tried.code, 'the commit is the user’s').toBe(0);
      nothingDeleted(situation);
      await newestIs(situation, NEWEST, LIVE);
      const repository = repositoryIn(folder);
      repository.git(['commit', '-q', '-m', 'next']);
      repository.write('package.json', '{}\n');
      repository.git(['add', 'package.json']);
      expect(runWithFault(folder, ['hook', 'pre-commit'], undefined).code).toBe(0);
      await newestIs(situation, LIVE);
      expect(stepOf(project.db)).toBe(LIVE);
    },
  },

  keep: {
    // The app writes, while `run` keeps its database.
    args: ['run', '--', process.execPath, 'app.cjs'],
    prepare: (folder) => writeFileSync(join(folder, 'app.cjs'), APP),
    async check(situation) {
      const { folder, project, tried } = situation;
      nothingDeleted(situation);
      const written = existsSync(join(folder, 'app-ran'));
      expect(stepOf(project.db)).toBe(written ? LIVE : NEWEST);
      // The exit code is the app's: what could not be saved is said.
      await newestIs(situation, stepOf(project.db), ...(tried.stderr === '' ? [] : [NEWEST]));
      await backup(project, { trigger: 'test' });
      await newestIs(situation, stepOf(project.db));
    },
  },
};

/** A hold cannot be left where its own folder does not let it; then the backups are refused by the same trouble. */
const whyNoHold = ({ failed }: Tried) => failed.find((call) => /\.overwinter|app\.db/.test(call));

const APP = `
const fs = require('node:fs');
const Database = require(${JSON.stringify(join(process.cwd(), 'node_modules/better-sqlite3'))});
const db = new Database('app.db', { timeout: 5000 });
db.exec(${JSON.stringify(NEXT_STEP)});
db.close();
fs.writeFileSync('app-ran', '');
setTimeout(() => {}, 300);
`;

let keptByPrune: ReadonlySet<string> | undefined;

/** The files that prune leaves where nothing fails. */
async function prunedWell(): Promise<ReadonlySet<string>> {
  if (keptByPrune === undefined) {
    const folder = await threeSteps();
    runWithFault(folder, ['prune', '--last', '1', '--daily', '0', '--weekly', '0', '--monthly', '0'], undefined);
    keptByPrune = new Set(filesOf(join(folder, 'backups')).keys());
  }
  return keptByPrune;
}

/** Where the trouble is to be: in the backups, in what is the machine's own, or at the database. */
const PLACES = ['/backups', '/.overwinter', '/app.db'];

async function oneCase(
  name: string,
  verb: Verb,
  random: Chance,
  calls: readonly string[],
): Promise<string | undefined> {
  const possible = KINDS.flatMap(([call, error]) =>
    PLACES.flatMap((at) => {
      const many = calls.filter((line) => line.startsWith(`${call} `) && line.includes(at)).length;
      return many === 0 ? [] : [{ call, error, at, many }];
    }),
  );
  const { call, error, at, many } = random.pick(possible);
  const fault: Fault = { call, error, at: `app${at}`, from: 1 + random.below(many), times: random.pick([1, 1, 0]) };
  const folder = await threeSteps();
  (verb.prepare ?? nextStep)(folder);
  const before = filesOf(join(folder, 'backups'));
  const tried = runWithFault(folder, verb.args, fault);
  const story = `${name} ${JSON.stringify(fault)} failed: ${tried.failed.join(', ').slice(0, 300)}; ended with ${tried.code}: ${tried.stderr.slice(-600)}`;
  if (tried.failed.length === 0) return undefined;
  try {
    await verb.check({ folder, project: projectIn(folder), tried, before });
    // A message is for people: one sentence of ours, never a bare code of the system's.
    expect(tried.stderr).not.toMatch(/INTERNAL|dist\/[\w-]+\.c?js:\d+/);
  } catch (error) {
    throw new Error(`seed ${random.seed}, ${story}\n${error instanceof Error ? error.message : error}`);
  }
  return `${call} ${error}`;
}

test.skipIf(!canInject).each(Object.entries(VERBS))(
  `laws 3 and 6: system errors in the middle of %s lose nothing, and nothing older is taken (${CASES} times)`,
  async (name, verb) => {
    const random = chance();
    const folder = await threeSteps();
    (verb.prepare ?? nextStep)(folder);
    const { calls } = runWithFault(folder, verb.args, undefined);
    const done: Record<string, number> = {};
    const violations: string[] = [];
    for (let landed = 0, tried = 0; landed < CASES && tried < 4 * CASES; tried++) {
      const kind = await oneCase(name, verb, random, calls).catch((error: unknown) => {
        violations.push(String(error));
        return 'violated';
      });
      if (kind === undefined) continue;
      landed++;
      done[kind] = (done[kind] ?? 0) + 1;
    }
    if (isSlow) console.log(name, JSON.stringify(done));
    expect(violations).toEqual([]);
  },
  900_000,
);

test.skipIf(!canInject)(
  'law 6: whichever look at the backups fails at a start, it restores or leaves a hold',
  async () => {
    for (let from = 1; ; from++) {
      const folder = await threeSteps();
      forgetDatabase(folder);
      const project = projectIn(folder);
      const fault: Fault = { call: 'stat', error: 'EIO', at: 'app/backups', from, times: 1 };
      const { code, failed, stderr } = runWithFault(folder, ['auto-restore'], fault);
      if (failed.length === 0) break;
      if (code === 0) expect(stepOf(project.db)).toBe(NEWEST);
      else expect(holdOf(project.local, project.db), `${from}: ${stderr}`).toBeDefined();
    }
  },
  120_000,
);
