import type { RunnerTask, RunnerTestCase, RunnerTestFile } from 'vitest';
import { VitestTestRunner } from 'vitest/runners';
import { journal, note, pair, readPlan, standing } from './journal.ts';
import { switches } from './switches.ts';

const FOLDER = process.env.OVERWINTER_MUTANTS ?? '';
/** How often broken code may come by in a test that usually passes. */
const HITS = 1_000_000;

/** How long a test may take before what is broken is suspected never to end: the machine may be busy with something else. */
const patience = (ms: number) => Math.max(20_000, 15 * ms);

interface Try {
  readonly mutant: number;
  /** Whether nothing was broken in this process before: then nothing else can be at fault. */
  readonly isFirst: boolean;
  /** Whether it failed, and then the test passed with nothing broken: once more tells it from a test that fails now and then. */
  readonly isAgain: boolean;
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
  #now: Try | 'whole' | 'warm' | undefined;
  /** What was noticed, if it was this and not what is left behind by something that was broken before. */
  #perhaps: (Try & { readonly how: string }) | undefined;
  #again: Try | undefined;
  /** How long tests took with nothing broken just now, before something is tried that was suspected not to end. */
  readonly #took = new Map<string, number>();
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
    task.repeats = 3 * this.#waiting.length + 1;
  }

  #left(test: string): number[] {
    const { noticed, passed, doubted, suspectIn } = this.#before;
    const left = (this.#tests[test]?.mutants ?? []).filter(
      (each) =>
        !noticed.has(each) &&
        !this.#noticed.has(each) &&
        !passed.has(pair(test, each)) &&
        (suspectIn.get(each) ?? test) === test,
    );
    return left.sort((a, b) => Number(doubted.has(pair(test, b))) - Number(doubted.has(pair(test, a))));
  }

  override onBeforeTryTask(task: RunnerTask): void {
    super.onBeforeTryTask(task);
    this.#now = this.#perhaps === undefined ? this.#next(task.id) : 'whole';
    if (typeof this.#now !== 'object') return;
    note(FOLDER, { of: 'try', test: task.id, mutant: this.#now.mutant, patience: this.#patience(task.id) });
    Object.assign(switches(), { activeMutant: String(this.#now.mutant), hitCount: 0, hitLimit: HITS });
  }

  #patience(test: string): number {
    return patience(Math.max(this.#tests[test]?.ms ?? 0, this.#took.get(test) ?? 0));
  }

  #next(test: string): Try | 'warm' | undefined {
    const again = this.#again;
    this.#again = undefined;
    if (again !== undefined) return { ...again, isAgain: true };
    const [first] = this.#waiting;
    if (first !== undefined && this.#before.suspected.has(pair(test, first)) && !this.#took.has(test)) return 'warm';
    const mutant = this.#waiting.shift();
    if (mutant === undefined) return undefined;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return { mutant, isFirst, isAgain: false };
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    if (this.#now === undefined) return;
    const since = performance.now();
    const isWarm = this.#now === 'warm';
    const tooLong = isWarm ? undefined : setTimeout(() => this.#giveUp(test.id), this.#patience(test.id));
    try {
      await VitestTestRunner.getTestFn(test)();
    } finally {
      clearTimeout(tooLong);
      if (isWarm) this.#took.set(test.id, performance.now() - since);
    }
  }

  /** What still runs would go on beside the next test. */
  #giveUp(test: string): void {
    if (typeof this.#now === 'object') {
      const { mutant, isFirst } = this.#now;
      const isSure = isFirst && this.#before.doubted.has(pair(test, mutant));
      note(FOLDER, { of: isSure ? 'noticed' : 'suspect', test, mutant, how: 'does not end' });
    } else if (this.#perhaps !== undefined) note(FOLDER, { of: 'doubt', test, mutant: this.#perhaps.mutant });
    process.kill(process.pid, 'SIGKILL');
  }

  onAfterRetryTask({ id: test, result }: RunnerTestCase): void {
    switches().activeMutant = undefined;
    if (result === undefined || this.#now === undefined) return;
    const how = result.state === 'fail' ? (result.errors?.[0]?.message ?? 'failed').slice(0, 300) : undefined;
    result.state = 'run';
    delete result.errors;
    if (this.#now === 'whole') this.#judge(test, how === undefined);
    else if (this.#now === 'warm') this.#mayFail(test, how);
    else this.#take(test, this.#now, how);
  }

  #take(test: string, now: Try, how: string | undefined): void {
    const { mutant } = now;
    if (how === undefined) note(FOLDER, { of: 'passed', test, mutant });
    else if (now.isAgain) {
      note(FOLDER, { of: 'noticed', test, mutant, how });
      this.#noticed.add(mutant);
    } else this.#perhaps = { ...now, how };
  }

  /** A test that fails with nothing broken says nothing of what it was to be tried with. */
  #mayFail(test: string, how: string | undefined): void {
    if (how !== undefined) for (const mutant of this.#waiting.splice(0)) note(FOLDER, { of: 'passed', test, mutant });
  }

  /** What a test does with nothing broken, after it failed. */
  #judge(test: string, isSound: boolean): void {
    if (this.#perhaps === undefined) return;
    const { how, ...tried } = this.#perhaps;
    const { mutant, isFirst } = tried;
    this.#perhaps = undefined;
    if (isSound) {
      this.#again = tried;
      return;
    }
    const isSure = isFirst && this.#before.doubted.has(pair(test, mutant));
    if (isSure) note(FOLDER, { of: 'noticed', test, mutant, how });
    else note(FOLDER, { of: 'doubt', test, mutant });
    process.kill(process.pid, 'SIGKILL');
  }
}
