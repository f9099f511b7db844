import { availableParallelism } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

// Setting conditions replaces vite's defaults, so those are listed again after ours.
const nodeConditions = ['@coloop/source', 'module', 'node', 'development|production'];
const browserConditions = ['@coloop/source', 'module', 'browser', 'development|production'];

// The core's words that need no Node: they run in browsers, Bun and Deno too.
const everywhere = {
  include: ['packages/core/src/**/*.test.ts'],
  exclude: ['**/node_modules/**', 'packages/core/src/node/**', '**/*.node.test.ts'],
};

const chromium = playwright({
  launchOptions: {
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  },
});

export default defineConfig({
  test: {
    // Generous because machines are noisy: no verdict of ours depends on it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The default leaves a core for a watcher of files, and half of a machine with two idle.
    maxWorkers: availableParallelism(),
    coverage: { include: ['packages/{core,http,jobs,cli}/src/**/*.ts'], exclude: ['**/*.test.ts'] },
    projects: [
      {
        extends: true,
        ssr: { resolve: { conditions: nodeConditions } },
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{packages/*/src,scripts,docs,benchmarks,site}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.browser.test.ts'],
        },
      },
      {
        extends: true,
        ssr: { resolve: { conditions: nodeConditions } },
        test: { name: 'interop', environment: 'node', include: ['packages/{core,http,jobs,cli}/interop/**/*.test.ts'] },
      },
      {
        extends: true,
        ssr: { resolve: { conditions: nodeConditions } },
        test: {
          name: 'everywhere',
          environment: 'node',
          include: everywhere.include,
          exclude: [...everywhere.exclude, '**/*.browser.test.ts'],
        },
      },
      {
        extends: true,
        resolve: { conditions: browserConditions },
        test: {
          name: 'browser',
          include: [...everywhere.include, 'packages/{http,examples}/src/**/*.browser.test.ts'],
          exclude: everywhere.exclude,
          // A server for the browser door of http: what runs in a page cannot open one.
          globalSetup: ['packages/http/src/fixtures/web-server.ts'],
          browser: {
            enabled: true,
            provider: chromium,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
