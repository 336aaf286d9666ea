import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { journal, type Line, note, type Plan, pair, planOf, type Reach, standing, testsToTry } from './journal.ts';
import type { Mutation } from './mutation.ts';
import type { Workplace } from './workplace.ts';

/** A process that writes down nothing for so much longer than a test may take, broken and whole, is stuck in a loop that no timer gets into. */
const STUCK = 30_000;

const CONFIG = 'vitest.mutants.ts';

/** Runs the tests in these files, in their order, one process after the other. */
async function vitest(place: Workplace, runner: 'measure' | 'break', files: readonly string[]): Promise<void> {
  const name = runner === 'measure' ? 'Measuring' : 'Breaking';
  writeFileSync(
    join(place.project, 'runner.ts'),
    `export { ${name} as default } from './scripts/mutants/${runner}.ts';\n`,
  );
  writeFileSync(join(place.project, CONFIG), config(files));
  const scratch = { TMPDIR: place.scratch, OVERWINTER_TEST_SCRATCH: place.scratch };
  const env = { ...process.env, ...scratch, OVERWINTER_HASTY: '1', OVERWINTER_MUTANTS: place.folder };
  const program = join(place.project, 'node_modules/vitest/vitest.mjs');
  const args = ['-n', '5', process.execPath, program, 'run', '--config', CONFIG, ...files];
  const child = spawn('nice', args, { cwd: place.project, env, stdio: 'ignore' });
  const watch = setInterval(() => endIfStuck(place.folder), 5_000);
  try {
    await ended(child);
  } finally {
    clearInterval(watch);
  }
}

const ended = (child: ChildProcess) => once(child, 'exit');

const config = (files: readonly string[]) => `import { BaseSequencer } from 'vitest/node';
const order = ${JSON.stringify(files)};
const at = ({ moduleId }) => order.findIndex((file) => moduleId.endsWith('/' + file));
class InOrder extends BaseSequencer {
  async sort(files) { return [...files].sort((a, b) => at(a) - at(b)); }
}
export default { test: {
  include: ['test/**/*.test.ts'], runner: './runner.ts', setupFiles: ['test/support/setup.ts'], testTimeout: 60_000, hookTimeout: 120_000, reporters: ['dot'],
  pool: 'forks', maxWorkers: 1, fileParallelism: false, sequence: { shuffle: false, sequencer: InOrder },
} };
`;

function endIfStuck(folder: string): void {
  const path = join(folder, 'journal.jsonl');
  if (!existsSync(path)) return;
  const lines = journal(folder);
  const last = lines.at(-1);
  const running = lines.findLast((line) => line.of === 'process');
  if (last?.of !== 'try' || running?.of !== 'process') return;
  if (Date.now() - statSync(path).mtimeMs < 2 * last.patience + STUCK) return;
  blame(folder, lines, last, 'does not end');
  try {
    process.kill(running.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/** The machine can be too busy, or out of memory: the first time it is only suspected. */
function blame(folder: string, lines: readonly Line[], { test, mutant }: Extract<Line, { of: 'try' }>, how: string) {
  const isSure = standing(lines).doubted.has(pair(test, mutant));
  note(folder, { of: isSure ? 'noticed' : 'suspect', test, mutant, how });
}

/** Finds out which tests go through which of the ways to break the code. Returns the files of tests that cannot be loaded: they would be missed. */
export async function measure(place: Workplace, files: readonly string[]): Promise<readonly string[]> {
  writePlan(place.folder, { tests: {} });
  const left = () => {
    const measured = new Set(journal(place.folder).flatMap((line) => (line.of === 'measured' ? [line.file] : [])));
    return files.filter((file) => !measured.has(file));
  };
  if (left().length > 0) await vitest(place, 'measure', left());
  return left();
}

const SETTLING: ReadonlySet<Line['of']> = new Set(['passed', 'noticed', 'doubt', 'suspect']);

/** Tries all of these that are not noticed yet, in every test that goes through them. */
export async function breakAll(
  place: Workplace,
  mutations: readonly Mutation[],
  wanted: ReadonlySet<number>,
  tell: () => void,
): Promise<void> {
  const tests = testsToTry(journal(place.folder), mutations);
  for (let before = -1; ; ) {
    const now = journal(place.folder);
    const left = filesLeft(tests, now, wanted);
    const settled = now.filter(({ of }) => SETTLING.has(of)).length;
    if (left.length === 0 || settled === before) return;
    before = settled;
    writePlan(place.folder, {
      tests: Object.fromEntries(
        tests.map(({ test, ms, mutants }) => [test, { ms, mutants: mutants.filter((each) => wanted.has(each)) }]),
      ),
    });
    await vitest(place, 'break', left);
    blameForDeath(place.folder);
    tell();
  }
}

/** Files with tests that have something to try, those first whose tests are quick. */
function filesLeft(tests: readonly Reach[], lines: readonly Line[], wanted: ReadonlySet<number>): string[] {
  const { noticed, passed } = standing(lines);
  const ms = new Map<string, number[]>();
  for (const test of tests) {
    const isLeft = (each: number) => wanted.has(each) && !noticed.has(each) && !passed.has(pair(test.test, each));
    if (test.mutants.some(isLeft)) ms.set(test.file, [...(ms.get(test.file) ?? []), test.ms]);
  }
  const mean = (file: string) =>
    (ms.get(file) ?? []).reduce((sum, each) => sum + each, 0) / (ms.get(file)?.length ?? 1);
  return [...ms.keys()].sort((a, b) => mean(a) - mean(b));
}

/** Who was being tried when a process died without a word may have done it. */
function blameForDeath(folder: string): void {
  const lines = journal(folder);
  const last = lines.at(-1);
  if (last?.of === 'try') blame(folder, lines, last, 'the process dies');
}

function writePlan(folder: string, plan: Plan): void {
  rmSync(planOf(folder), { force: true });
  writeFileSync(planOf(folder), JSON.stringify(plan));
}
