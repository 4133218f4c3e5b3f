import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Workspaces import one another's sources, so that a test never runs against a stale build. Tests that start the
// built programs say so, and `npm test` builds first.
// `__vitest__` is the environment in which vitest runs the global setup.
const resolve = { conditions: ['assent-source'] };
const source = { resolve, ssr: { resolve }, environments: { __vitest__: { resolve } } };
const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    // Most tests wait for processes and databases: one more of them than there are cores keeps the cores busy.
    maxWorkers: Math.min(8, availableParallelism() + 1),
    // `.ci/run` adds up what the suites report.
    reporters: process.env.ASSENT_TEST_REPORT
      ? ['default', ['json', { outputFile: process.env.ASSENT_TEST_REPORT }]]
      : ['default'],
    projects: [
      {
        ...source,
        // Unit tests change nothing outside themselves, so files share what they import: loading it anew for each takes longer
        // than the tests.
        test: { name: 'unit', include: ['*/src/**/*.test.ts'], exclude, testTimeout: 30_000, isolate: false },
      },
      {
        ...source,
        test: {
          name: 'integration',
          include: ['*/test/**/*.test.ts'],
          exclude: [...exclude, '**/*.slow.test.ts'],
          globalSetup: ['test-support/src/global-setup.ts'],
          // Browsers and databases take their time on a busy machine.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        ...source,
        test: {
          name: 'interop',
          include: ['interop/**/*.interop.test.ts'],
          exclude,
          globalSetup: ['test-support/src/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...source,
        test: {
          name: 'slow',
          include: ['*/test/**/*.slow.test.ts'],
          exclude,
          globalSetup: ['test-support/src/global-setup.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
