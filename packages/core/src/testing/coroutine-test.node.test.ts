import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const tests = `
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forever, now, sleep } from '${new URL('../index.ts', import.meta.url)}';
import { coroutineTest } from '${new URL('./index.ts', import.meta.url)}';

test('an hour takes no time', coroutineTest(function* (context) {
  yield* sleep(3_600_000);
  assert.equal(now(), 3_600_000);
  assert.equal(context.name, 'an hour takes no time');
}));

test('a deadlock fails', coroutineTest(function* () {
  yield* forever();
}));
`;

test('makes tests for Node’s own runner, which are given its context and fail as others do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'coloop-'));
  try {
    const file = join(folder, 'hour.test.mjs');
    writeFileSync(file, tests);
    const args = ['--import', 'tsx', '--test', '--test-reporter=tap', file];
    const { stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stdout).toMatch(/^\s*ok \d+ - an hour takes no time/m);
    expect(stdout).toMatch(/^\s*not ok \d+ - a deadlock fails/m);
    expect(stdout).toContain('Nothing can ever run again');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
