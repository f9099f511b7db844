import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from './main.ts';

let directory: string;
let core: string;

// Children run a bundle of the sources, so that every Node can run them and no build has to come first.
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'coloop-main-'));
  const source = join(import.meta.dirname, '..');
  const bundle = join(directory, 'core.mjs');
  buildSync({
    stdin: {
      contents: `export * from ${JSON.stringify(join(source, 'index.ts'))}; export * from ${JSON.stringify(join(source, 'node/index.ts'))};`,
      resolveDir: source,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile: bundle,
  });
  core = pathToFileURL(bundle).href;
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

let count = 0;

/** Starts a program; `steps` are called in turn with the child, each when the next line comes from its stdout. */
function program(text: string, steps: ((child: ChildProcess) => void)[] = []): Promise<Ended> {
  const file = join(directory, `program-${count++}.mjs`);
  writeFileSync(
    file,
    `import { attempt, defer, forever, group, isCancelled, main, sleep, spawn, until } from '${core}';\n${text}`,
  );
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    for (const letter of String(chunk)) {
      out += letter;
      if (letter === '\n') steps.shift()?.(child);
    }
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

const interrupt = (child: ChildProcess): void => void child.kill('SIGINT');
const terminate = (child: ChildProcess): void => void child.kill('SIGTERM');

test('a program that ends well leaves the exit code alone and ends by itself', async () => {
  const ended = await program(`
    await main(function* () { yield* sleep(5); console.log('done'); });
    console.log('after');
  `);
  expect(ended).toEqual({ code: 0, signal: null, out: 'done\nafter\n', err: '' });
});

test('an exit code that the program sets itself stays', async () => {
  expect((await program('await main(function* () { process.exitCode = 7; });')).code).toBe(7);
});

test('a program stays alive while its body waits for something that does not hold the process', async () => {
  const ended = await program(`
    await main(function* () {
      yield* until(new Promise((resolve) => setTimeout(resolve, 50).unref()));
      console.log('woken');
    });
  `);
  expect(ended).toMatchObject({ code: 0, out: 'woken\n' });
});

test('SIGINT cancels the run, its cleanups run to their end, and the exit code is 130', async () => {
  const ended = await program(
    `
    await main(function* () {
      try {
        console.log('ready');
        yield* forever();
      } finally {
        yield* sleep(20);
        console.log('cleaned');
      }
    });
    console.log('after');
  `,
    [interrupt],
  );
  expect(ended).toEqual({ code: 130, signal: null, out: 'ready\ncleaned\nafter\n', err: '' });
});

test('SIGTERM gives 143, and the cancel says which signal asked', async () => {
  const ended = await program(
    `
    await main(function* () {
      try {
        console.log('ready');
        yield* forever();
      } catch (error) {
        console.log(error.message);
        throw error;
      }
    });
  `,
    [terminate],
  );
  expect(ended).toEqual({ code: 143, signal: null, out: 'ready\nCancelled by the signal SIGTERM: SIGTERM\n', err: '' });
});

test('a cleanup that a signal leaves too little time is named on stderr, with how to give it more', async () => {
  const ended = await program(
    `
    await main(function* () {
      try { console.log('ready'); yield* forever(); } finally { yield* sleep(60_000); console.log('never'); }
    }, { grace: 20 });
  `,
    [terminate],
  );
  expect([ended.code, ended.out.includes('never')]).toEqual([143, false]);
  expect(ended.err).toBe(
    'The cleanup of task main was still waiting for sleep(60000) 20 ms after SIGTERM, and was cancelled once more. ' +
      '`main(body, { grace: 5000 })` gives cleanups five seconds.\n',
  );
});

test('a cleanup that never ends is given up after the grace, and the error says what it waited for', async () => {
  const ended = await program(
    `
    await main(function* () {
      try {
        console.log('ready');
        yield* forever();
      } finally {
        for (;;) { try { yield* forever(); } catch {} }
      }
    }, { grace: 20 });
  `,
    [interrupt],
  );
  expect(ended.code).toBe(130);
  expect(ended.err).toContain(
    'CleanupTimeoutError: The cleanup of task main was still waiting for forever() after three times its grace of 20 ms',
  );
});

test('a second signal ends the process at once', async () => {
  const ended = await program(
    `
    await main(function* () {
      try {
        console.log('ready');
        yield* forever();
      } finally {
        console.log('cleaning');
        yield* sleep(1e9);
        console.log('never');
      }
    }, { grace: 1e9 });
  `,
    [interrupt, interrupt],
  );
  expect(ended).toMatchObject({ code: 130, out: 'ready\ncleaning\n' });
});

test('a failure is printed with its stack and its causes, and gives 1', async () => {
  const ended = await program(`
    function openConfig() { throw new Error('no config', { cause: new TypeError('not a file') }); }
    await main(function* () { yield* sleep(1); openConfig(); });
  `);
  expect(ended.code).toBe(1);
  expect(ended.out).toBe('');
  expect(ended.err).toMatch(/^Error: no config\n {4}at openConfig .*\n[\s\S]*caused by:\n {2}TypeError: not a file\n/);
});

test('a failure of several tasks names them all and prints each one', async () => {
  const ended = await program(`
    function* breaks(word) { try { yield* forever(); } finally { throw new Error(word); } }
    await main(function* () {
      spawn(breaks('one'), { name: 'first' });
      spawn(breaks('two'), { name: 'second' });
      yield* sleep(1);
      throw new Error('three');
    });
  `);
  expect(ended.code).toBe(1);
  expect(ended.err).toMatch(/^TaskGroupError: 3 failures in one scope:/);
  expect(ended.err).toContain('failure 1 of 3:\n  Error: three\n');
  expect(ended.err).toContain('failure 3 of 3:\n  Error: two\n');
});

test('a run that caught the signal and ended well is still an interrupted one, unless it sets a code of its own', async () => {
  const body = (line: string) => `
    await main(function* () {
      console.log('ready');
      try { yield* forever(); } catch { ${line} }
    });
  `;
  expect((await program(body(''), [interrupt])).code).toBe(130);
  expect((await program(body('process.exitCode = 0;'), [terminate])).code).toBe(0);
});

test('afterwards a signal does again what it does by default', async () => {
  const ended = await program(
    `
    await main(function* () {});
    setInterval(() => {}, 1000);
    console.log('ready');
  `,
    [interrupt],
  );
  expect(ended).toMatchObject({ code: null, signal: 'SIGINT' });
});

test('a value that is not an operation is refused at the call, and nothing is left behind', () => {
  const before = process.listenerCount('SIGINT');
  expect(() => main(5 as never)).toThrow('main takes an operation');
  expect(() => main(function* () {}, { grace: Number.NaN })).toThrow("main: the option 'grace' got NaN as a duration.");
  expect(process.listenerCount('SIGINT')).toBe(before);
});
