import { describe, expect, test } from 'vitest';
import { realWaits } from './real-time.ts';

const found = (text: string): string[] => realWaits('a.test.ts', text).map((wait) => wait.found);

describe('a wait for real time', () => {
  test.each([
    ['a timer of the host', 'setTimeout(f, 5);', 'setTimeout'],
    ['a timer of the global object', 'globalThis.setInterval(f, 5);', 'globalThis.setInterval'],
    ['timers as promises', "import { setTimeout as wait } from 'node:timers/promises';", 'timers/promises'],
    ['a sleep in a run', 'run(function* () { yield* sleep(5); });', 'sleep'],
    ['a run of a sleep', 'run(sleep(5)); run(() => sleep(0));', 'sleep'],
    ['a sleep of a helper in a file that only runs', 'function* f() { yield* sleep(5); }\nrun(f());', 'sleep'],
  ])('is %s', (_, text, what) => {
    expect(found(text)).toEqual([what]);
  });

  test('is reported with its line', () => {
    expect(realWaits('a.test.ts', 'f();\nrun(function* () {\n  yield* sleep(5);\n});')).toEqual([
      { line: 3, found: 'sleep' },
    ]);
  });

  test('may be explained before the wait, before a statement around it, and before all of a file', () => {
    const why = '// Real time: the server does not tell.\n';
    expect(found(`f();\n${why}setTimeout(f, 5);`)).toEqual([]);
    expect(found(`f();\n${why}test('x', () => run(function* () { yield* sleep(5); }));`)).toEqual([]);
    expect(found(`${why}import { run } from 'a';\nsetTimeout(f, 5);`)).toEqual([]);
    expect(found('f();\n// Some other line.\nsetTimeout(f, 5);')).toEqual(['setTimeout']);
    expect(found('f();\n// Real time:\nsetTimeout(f, 5);')).toEqual(['setTimeout']);
  });
});

test.each([
  ['virtual time', 'runTest(function* () { yield* sleep(5); });'],
  ['a simulated network', 'simulate(function* (net) { net.serve(o, function* () { yield* sleep(5); }); });'],
  ['a scheduler of its own', 'run(function* () { yield* sleep(5); }, { scheduler });'],
  ['a helper of a file on virtual time', 'function* f() { yield* sleep(5); }\nrun(a());\nrunTest(f);'],
  ['one turn', 'run(function* () { yield* sleep(0); });'],
  ['an operation that is only made', 'run(function* () { spawn(sleep(5)); });'],
  ['a timer of an object', 'socket.setTimeout(5);'],
  ['a spy', "vi.spyOn(globalThis, 'setTimeout');"],
])('%s is not one', (_, text) => {
  expect(found(text)).toEqual([]);
});
