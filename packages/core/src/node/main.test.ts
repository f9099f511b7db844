import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from './main.ts';
import { signals } from './signals.ts';

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
    `import { attempt, defer, EventFlag, forever, group, isCancelled, main, select, signals, sleep, spawn, until } from '${core}';\n${text}`,
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

const DRAINING = `
  await main(function* (stop) {
    console.log('ready');
    try {
      yield* stop.wait();
      console.log('draining');
      yield* sleep(WORK);
      console.log('finished');
    } finally {
      console.log('cleaned');
    }
  }, { drain: DRAIN });
`;

test('with drain, the first signal sets the flag and the program finishes what it has', async () => {
  const text = DRAINING.replace('WORK', '20').replace('DRAIN', '60_000');
  const ended = await program(text, [interrupt]);
  expect(ended).toEqual({ code: 0, signal: null, out: 'ready\ndraining\nfinished\ncleaned\n', err: '' });
});

test('when drain is over, or at a second signal, the program is cancelled', async () => {
  const out = 'ready\ndraining\ncleaned\n';
  const late = await program(DRAINING.replace('WORK', '60_000').replace('DRAIN', '20'), [terminate]);
  expect(late).toEqual({ code: 143, signal: null, out, err: '' });
  const twice = await program(DRAINING.replace('WORK', '60_000').replace('DRAIN', '60_000'), [terminate, interrupt]);
  expect(twice).toEqual({ code: 130, signal: null, out, err: '' });
});

test('a program that fails while it drains has failed, and without drain the flag is set before the cancel', async () => {
  const failed = await program(
    "await main(function* (stop) { console.log('ready'); yield* stop.wait(); throw new Error('half done'); }, { drain: 60_000 });",
    [terminate],
  );
  expect([failed.code, failed.err.includes('half done')]).toEqual([1, true]);
  const cancelled = await program(
    "await main(function* (stop) { console.log('ready'); try { yield* forever(); } finally { console.log(stop.isSet); } });",
    [terminate],
  );
  expect(cancelled).toMatchObject({ code: 143, out: 'ready\ntrue\n' });
});

test('a signal that the program reads itself is not taken for a cancel, as long as it reads it', async () => {
  const ended = await program(
    `
    await main(function* () {
      const terms = signals('SIGTERM', 'SIGHUP');
      console.log('ready');
      console.log((yield* terms.next()).value);
      console.log((yield* terms.next()).value);
      yield* terms.close();
      console.log('closed');
      yield* forever();
    });
  `,
    [terminate, (child) => void child.kill('SIGHUP'), () => {}, terminate],
  );
  expect(ended).toEqual({ code: 143, signal: null, out: 'ready\nSIGTERM\nSIGHUP\nclosed\n', err: '' });
});

test('a source of signals ends with the scope that it was made in', async () => {
  const ended = await program(
    `
    await main(function* () {
      yield* group(function* () { signals('SIGINT'); yield* sleep(1); });
      console.log('ready ' + process.listenerCount('SIGINT'));
      yield* forever();
    });
  `,
    [interrupt],
  );
  expect(ended).toMatchObject({ code: 130, out: 'ready 1\n' });
});

test('what is no signal, or none that a process hears of, is refused at the call', () => {
  expect(() => signals()).toThrow("signals takes names of signals. Write `signals('SIGTERM')`.");
  expect(() => signals('SIGHUPP' as never)).toThrow(
    'signals takes names of signals, not "SIGHUPP". Did you mean \'SIGHUP\'?',
  );
  expect(() => signals('SIGKILL')).toThrow('signals cannot get SIGKILL');
});

/** Runs a program whose stdout goes into a shell's command; its exit code and what it writes to stderr come back. */
async function piped(text: string, into: string): Promise<{ code: number; err: string; out: string }> {
  const file = join(directory, `program-${count++}.mjs`);
  writeFileSync(
    file,
    `import { defer, forever, main, sleep, tick, until } from '${core}';\nimport { writeSync } from 'node:fs';\n${text}`,
  );
  const child = spawn('bash', ['-c', `"$0" "$1" | ${into}; echo "code \${PIPESTATUS[0]}"`, process.execPath, file]);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  const [, code = ''] = /code (\d+)/.exec(out) ?? [];
  return { code: Number(code), err, out };
}

test('a closed stdout cancels the program with its cleanups, in silence, and the exit code is 141', async () => {
  const lines = `
    await main(function* () {
      try {
        for (let i = 0; ; i++) { console.log('line ' + i); yield* sleep(1); }
      } finally {
        yield* sleep(5);
        console.log('nobody reads this');
        writeSync(2, 'cleaned\\n');
      }
    });
  `;
  expect(await piped(lines, 'head -n 1')).toEqual({ code: 141, err: 'cleaned\n', out: 'line 0\ncode 141\n' });
  const waits = `await main(function* () { console.log('x'); yield* sleep(50); console.log('x'); yield* forever(); });`;
  expect(await piped(waits, 'true')).toMatchObject({ code: 141, err: '' });
});

test('so it is where the program waits for its writes, and where it writes its last line and ends', async () => {
  const writes = `
    const write = (text) => new Promise((done, fail) => process.stdout.write(text, (error) => error ? fail(error) : done()));
    await main(function* () { for (;;) { yield* until(write('x'.repeat(1000) + '\\n')); yield* sleep(1); } });
  `;
  expect(await piped(writes, 'head -c 10 > /dev/null')).toMatchObject({ code: 141, err: '' });
  const last = `await main(function* () { yield* sleep(100); console.log('the only line'); });`;
  expect(await piped(last, 'true')).toMatchObject({ code: 141, err: '' });
});

test('a program that fails is not silent because its stdout is closed', async () => {
  const fails = `
    await main(function* () {
      defer(() => { throw new Error('the cleanup broke'); });
      for (;;) { console.log('x'); yield* sleep(1); }
    });
  `;
  const { code, err } = await piped(fails, 'head -n 1 > /dev/null');
  expect([code, err.includes('the cleanup broke')]).toEqual([141, true]);
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

test('SIGQUIT prints what every task waits for, and the program goes on', async () => {
  const ended = await program(
    `
    await main(function* server(stop) {
      yield* spawn(function* () {
        yield* group(function* () {
          spawn(forever(), { name: 'listener' });
          console.log('ready');
          yield* until(new Promise((go) => process.once('SIGUSR2', go)));
          console.log('goes on');
          process.exit(3);
        });
      }, { name: 'worker' });
    });
  `,
    [
      (child) => {
        child.stderr?.once('data', () => child.kill('SIGUSR2'));
        child.kill('SIGQUIT');
      },
    ],
  );
  expect(ended).toMatchObject({ code: 3, out: 'ready\ngoes on\n' });
  expect(ended.err).toMatch(
    /^task server: waiting for task worker.*\n( .*\n)* {2}task worker: waiting for until\(promise\)/,
  );
  expect(ended.err).toContain('task listener: waiting for forever()');
});

test('a SIGQUIT that `signals` reads is not looked at', async () => {
  const ended = await program(
    `
    await main(function* server() {
      const quits = signals('SIGQUIT');
      spawn(function* () { yield* sleep(0); console.log('ready'); });
      yield* quits.next();
      console.log('read');
    });
  `,
    [(child) => void child.kill('SIGQUIT')],
  );
  expect(ended).toMatchObject({ code: 0, out: 'ready\nread\n', err: '' });
});
