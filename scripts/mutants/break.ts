import type { RunnerTask, RunnerTestCase, RunnerTestFile } from 'vitest';
import { VitestTestRunner } from 'vitest/runners';
import { journal, note, pair, readPlan, standing } from './journal.ts';
import { switches } from './switches.ts';

const FOLDER = process.env.OVERWINTER_MUTANTS ?? '';
/** How often broken code may come by in a test that usually passes. */
const HITS = 1_000_000;

/** How long a test may take before what is broken counts as never ending: the machine may be busy with something else. */
export const patience = (ms: number) => Math.max(20_000, 15 * ms);

interface Try {
  readonly mutant: number;
  /** Whether nothing was broken in this process before: then nothing else can be at fault. */
  readonly isFirst: boolean;
}

/**
 * Runs a test again and again in a process that has everything loaded, each time with something else broken of what it goes through,
 * until that is noticed: what one test noticed is not tried with another.
 */
export class Breaking extends VitestTestRunner {
  readonly #tests = readPlan(FOLDER).tests;
  readonly #before = standing(journal(FOLDER));
  readonly #noticed = new Set(this.#before.noticed.keys());
  #waiting: number[] = [];
  #now: Try | 'whole' | undefined;
  /** What was noticed, if it was this and not what is left behind by something that was broken before. */
  #perhaps: (Try & { readonly how: string }) | undefined;
  #isFirst = true;

  override onCollectStart(file: RunnerTestFile): void {
    super.onCollectStart(file);
    note(FOLDER, { of: 'process', pid: process.pid });
  }

  override async onBeforeRunTask(task: RunnerTask): Promise<void> {
    await super.onBeforeRunTask(task);
    if (task.type !== 'test' || task.mode !== 'run') return;
    this.#waiting = this.#left(task.id);
    if (this.#waiting.length === 0) task.mode = 'skip';
    task.retry = 0;
    task.repeats = 2 * this.#waiting.length;
  }

  #left(test: string): number[] {
    const { noticed, passed, doubted } = this.#before;
    const left = (this.#tests[test]?.mutants ?? []).filter(
      (each) => !noticed.has(each) && !this.#noticed.has(each) && !passed.has(pair(test, each)),
    );
    return left.sort((a, b) => Number(doubted.has(pair(test, b))) - Number(doubted.has(pair(test, a))));
  }

  override onBeforeTryTask(task: RunnerTask): void {
    super.onBeforeTryTask(task);
    this.#now = this.#perhaps === undefined ? this.#next() : 'whole';
    if (this.#now === undefined || this.#now === 'whole') return;
    note(FOLDER, { of: 'try', test: task.id, mutant: this.#now.mutant });
    Object.assign(switches(), { activeMutant: String(this.#now.mutant), hitCount: 0, hitLimit: HITS });
  }

  #next(): Try | undefined {
    const mutant = this.#waiting.shift();
    if (mutant === undefined) return undefined;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return { mutant, isFirst };
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    if (this.#now === undefined) return;
    const limit = patience(this.#tests[test.id]?.ms ?? 0);
    const tooLong = setTimeout(() => this.#giveUp(test.id), limit);
    try {
      await VitestTestRunner.getTestFn(test)();
    } finally {
      clearTimeout(tooLong);
    }
  }

  /** What still runs would go on beside the next test. */
  #giveUp(test: string): void {
    if (typeof this.#now === 'object')
      note(FOLDER, { of: 'noticed', test, mutant: this.#now.mutant, how: 'does not end' });
    process.kill(process.pid, 'SIGKILL');
  }

  onAfterRetryTask({ id: test, result }: RunnerTestCase): void {
    switches().activeMutant = undefined;
    if (result === undefined || this.#now === undefined) return;
    const how = result.state === 'fail' ? (result.errors?.[0]?.message ?? 'failed').slice(0, 300) : undefined;
    result.state = 'run';
    delete result.errors;
    if (this.#now !== 'whole') {
      const { mutant } = this.#now;
      if (how === undefined) note(FOLDER, { of: 'passed', test, mutant });
      else this.#perhaps = { ...this.#now, how };
    } else if (this.#perhaps !== undefined) {
      const { mutant, isFirst, how: said } = this.#perhaps;
      const isSound = how === undefined;
      if (isSound || isFirst) note(FOLDER, { of: 'noticed', test, mutant, how: said });
      else note(FOLDER, { of: 'doubt', test, mutant });
      if (!isSound) process.kill(process.pid, 'SIGKILL');
      this.#noticed.add(mutant);
      this.#perhaps = undefined;
    }
  }
}
