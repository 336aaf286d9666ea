import { relative } from 'node:path';
import type { RunnerTask, RunnerTestCase, RunnerTestFile } from 'vitest';
import { VitestTestRunner } from 'vitest/runners';
import { note } from './journal.ts';
import { switches } from './switches.ts';

const FOLDER = process.env.OVERWINTER_MUTANTS ?? '';

/** Runs every test once with nothing broken, and notes what it goes through. */
export class Measuring extends VitestTestRunner {
  #since = 0;

  override onBeforeTryTask(task: RunnerTask): void {
    super.onBeforeTryTask(task);
    this.#since = performance.now();
    switches().currentTestId = task.id;
  }

  onAfterRetryTask({ id, name, result, file: { filepath } }: RunnerTestCase): void {
    switches().currentTestId = undefined;
    const ms = Math.ceil(performance.now() - this.#since);
    if (result?.state !== 'pass') return;
    const mutants = Object.keys(switches().mutantCoverage?.perTest[id] ?? {}).map(Number);
    note(FOLDER, { of: 'reach', test: id, name, file: relative(process.cwd(), filepath), ms, mutants });
  }

  override async onAfterRunSuite(suite: Parameters<VitestTestRunner['onAfterRunSuite']>[0]): Promise<void> {
    await super.onAfterRunSuite(suite);
    if (isFile(suite)) note(FOLDER, { of: 'measured', file: relative(process.cwd(), suite.filepath) });
  }
}

const isFile = (suite: object): suite is RunnerTestFile => 'filepath' in suite;
