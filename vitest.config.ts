import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Certificates that a machine trusts besides take every start of node longer than the start itself, and tests start thousands. Only the
// slow ones ask a registry for something.
if (process.env.OVERWINTER_SLOW !== '1') delete process.env.NODE_EXTRA_CA_CERTS;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Files have processes of their own and begin with the longest, so that none is waited for at the end; in them, order is chance.
    sequence: { shuffle: { files: false, tests: true } },
    maxWorkers: availableParallelism(),
  },
});
