import { relative } from 'node:path';
import type { RunnerTask, RunnerTestCase, RunnerTestFile } from 'vitest';
import { VitestTestRunner } from 'vitest/runners';
import { note } from './journal.ts';
import { switches } from './switches.ts';

const FOLDER = process.env.OVERWINTER_MUTANTS ?? '';
/** A test that takes longer than this says too little for its time. */
const LONG = 4000;

/** Runs every test with nothing broken and notes what it goes through; then once more, because some can only be run once. */
export class Measuring extends VitestTestRunner {
  #since = 0;
  #isRunning = true;

  override async onBeforeRunTask(task: RunnerTask): Promise<void> {
    await super.onBeforeRunTask(task);
    if (task.type !== 'test' || task.mode !== 'run') return;
    task.retry = 0;
    task.repeats = 1;
    this.#isRunning = true;
  }

  override onBeforeTryTask(task: RunnerTask): void {
    super.onBeforeTryTask(task);
    this.#since = performance.now();
    switches().currentTestId = task.id;
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    if (this.#isRunning) await VitestTestRunner.getTestFn(test)();
  }

  onAfterRetryTask(test: RunnerTestCase, { repeats }: { readonly repeats: number }): void {
    switches().currentTestId = undefined;
    const { id, name, result } = test;
    if (!this.#isRunning || result === undefined || result.state === 'skip') return;
    const ms = Math.ceil(performance.now() - this.#since);
    if (result.state === 'fail') {
      const why = `${repeats === 0 ? 'fails' : 'fails the second time'}: ${result.errors?.[0]?.message ?? ''}`;
      note(FOLDER, { of: 'unfit', test: id, why });
      this.#isRunning = false;
    } else if (repeats === 0) {
      const file = relative(process.cwd(), test.file.filepath);
      const mutants = Object.keys(switches().mutantCoverage?.perTest[id] ?? {}).map(Number);
      if (ms <= LONG) note(FOLDER, { of: 'reach', test: id, name, file, ms, mutants });
      this.#isRunning = ms <= LONG && mutants.length > 0;
    }
    result.state = 'run';
    delete result.errors;
  }

  override async onAfterRunSuite(suite: Parameters<VitestTestRunner['onAfterRunSuite']>[0]): Promise<void> {
    await super.onAfterRunSuite(suite);
    if (isFile(suite)) note(FOLDER, { of: 'measured', file: relative(process.cwd(), suite.filepath) });
  }
}

const isFile = (suite: object): suite is RunnerTestFile => 'filepath' in suite;
