import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Certificates that a machine trusts besides take every start of node longer than the start itself, and tests start thousands. Only the
// slow ones ask a registry for something.
if (process.env.OVERWINTER_SLOW !== '1') delete process.env.NODE_EXTRA_CA_CERTS;

/** What puts something else in the place of a module, and what looks at all that its own process holds. */
const NEEDS_ITS_OWN = /vi\.mock\(|memoryUsage|getActiveResourcesInfo|\/proc\/self\/(fd|task)/;

/** Folders whose files are known to leave nothing behind in their process. */
const TOGETHER = /^test\/(cli|commit|core|engines\/postgres|format|git|local|setup|several)\//;

/** Longer than they look. */
const LONG =
  /laws\/(insert-thread|keep-whole|kill|only-changes|reader-thread|rotation-killed|shared-folder|small-input)\.|operations\/(development\/(engines|killed)|undo-killed)\./;

const all = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => join('test', file))
  .filter((file) => file.endsWith('.test.ts'));
const alone = all.filter((file) => !TOGETHER.test(file) || NEEDS_ITS_OWN.test(readFileSync(file, 'utf8')));

/** Those that are alone, for which a process for many would end; of each, the longest first, so that none is waited for at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification) =>
      (project.name === 'alone' ? 0 : 2) + (LONG.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const common = {
  setupFiles: ['test/support/setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // In a file, order is chance.
  sequence: { shuffle: { files: false, tests: true } },
};

export default defineConfig({
  test: {
    globalSetup: ['test/support/run-folder.ts', 'test/support/build.ts'],
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...common, name: 'alone', include: alone } },
      // A process for each file loads all that is tested, and starts the program, anew.
      { test: { ...common, name: 'together', include: all, exclude: alone, isolate: false } },
    ],
  },
});
