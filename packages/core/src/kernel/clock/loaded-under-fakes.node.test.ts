// Real time: a child process loads the library while its timers are moved by hand, and goes on when they are the host's again.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'coloop-clock-'));
  const source = join(import.meta.dirname, '../..');
  for (const [name, contents] of [
    [
      'core',
      `export * from ${JSON.stringify(join(source, 'index.ts'))}; export * from ${JSON.stringify(join(source, 'testing/index.ts'))};`,
    ],
    ['sinon', "export { install } from '@sinonjs/fake-timers';"],
  ] as const) {
    buildSync({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: join(directory, `${name}.mjs`),
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
  }
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Loads the library under fakes that `install` puts in place and `remove` takes away, and prints what went as it should. */
function outputOf(tools: string, install: string, remove: string, moved: boolean): string[] {
  const file = join(directory, 'program.mjs');
  const core = pathToFileURL(join(directory, 'core.mjs')).href;
  writeFileSync(
    file,
    `${tools}
    const real = { setTimeout, clearTimeout, setImmediate };
    // As a test runner does, something holds the process: the timer with which runTest waits for the host does not.
    setTimeout(() => {}, 15_000);
    const turns = () => new Promise((done) => real.setImmediate(() => real.setImmediate(done)));
    const say = (text) => process.stdout.write(text + '\\n');
    ${install}
    const { explore, gather, run, runTest, sleep, tick, until } = await import('${core}');
    function* ticks(count) { for (let i = 0; i < count; i++) yield* tick(); }
    if (${moved}) {
      let state = 'pending';
      run(gather([sleep(100), sleep(500)])).then(() => { state = 'done'; });
      await turns();
      // Real time goes on, and counts for nothing.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
      await turns(); clock.tick(499); await turns(); say('after 499: ' + state);
      clock.tick(1); await turns(); say('after 500: ' + state);
      await run(ticks(50_000)); say('turns are real');
      say(await runTest(() => sleep(3_600_000, 'runTest is virtual')));
      say((await runTest(() => until(new Promise(() => {}))).catch((error) => error.name)));
      await explore(() => gather([sleep(1), sleep(2)]), { seeds: 5 }); say('explore ends');
    }
    const left = [run(sleep(20, 'left')), run(ticks(100_000))];
    await new Promise((done) => real.setTimeout(done, 20));
    ${remove}
    say(await run(sleep(5, 'later')));
    say((await Promise.all(left))[0]);
    process.exit(0);`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', file], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}

const ALL = [
  'after 499: pending',
  'after 500: done',
  'turns are real',
  'runTest is virtual',
  'DeadlockError',
  'explore ends',
  'later',
  'left',
];

test('the fake timers of sinon, vitest and jest', () => {
  const tools = "import { install } from './sinon.mjs';";
  expect(outputOf(tools, 'const clock = install();', 'clock.uninstall();', true)).toEqual(ALL);
});

test('those of node:test', () => {
  const tools = "import { mock } from 'node:test'; const clock = mock.timers;";
  expect(outputOf(tools, 'clock.enable();', 'clock.reset();', true)).toEqual(ALL);
});

test('functions of a stranger', () => {
  const strange =
    'Object.assign(globalThis, { setTimeout: () => ({}), clearTimeout: () => {}, setImmediate: () => ({}) });';
  expect(outputOf('', strange, 'Object.assign(globalThis, real);', false)).toEqual(['later', 'left']);
});
