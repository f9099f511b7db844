// Real time: what these tests are about is whose time it is, the host's own or that of a tool which moves it by hand.
import { mock } from 'node:test';
import { install } from '@sinonjs/fake-timers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { now } from '../../index.ts';
import { gather } from '../../tasks/gather.ts';
import { runTest } from '../../testing/run-test.ts';
import { sleep } from '../../time/sleep.ts';
import { tick } from '../../time/tick.ts';
import { timeout } from '../../time/timeout.ts';
import { run } from '../scheduler/run.ts';

// With the tools themselves, since each has its own way: fake-timers (sinon, vitest and jest) puts a clock of its own in
// the place of some functions, node:test moves timers and leaves `performance` alone.

interface Tool {
  tick(ms: number): void;
  remove(): void;
}

const { setTimeout: hostTimeout, setImmediate: hostImmediate } = globalThis;
const pause = (ms: number): Promise<void> => new Promise((resolve) => hostTimeout(resolve, ms));
/** Two turns of the host: whatever can run has run. */
const turns = (): Promise<void> => new Promise((resolve) => hostImmediate(() => hostImmediate(resolve)));

let installed: Tool | null = null;
function keep(tool: Tool): Tool {
  installed = tool;
  return tool;
}

afterEach(() => {
  installed?.remove();
  installed = null;
});

type Fakeable = NonNullable<NonNullable<Parameters<typeof install>[0]>['toFake']>;

// `nextTick` stays the host's: Node hands over the messages between a worker of vitest and its parent by it, so that one
// which came while it was faked was lost, and the run waited for it without end. With all that sinon fakes by itself, see
// loaded-under-fakes.node.test.ts, which has processes of its own.
function sinon(toFake: Fakeable): Tool {
  const clock = install({ toFake });
  return keep({ tick: (ms) => void clock.tick(ms), remove: () => clock.uninstall() });
}

function vitest(toFake?: NonNullable<Parameters<typeof vi.useFakeTimers>[0]>['toFake']): Tool {
  vi.useFakeTimers(toFake === undefined ? {} : { toFake });
  return keep({ tick: (ms) => void vi.advanceTimersByTime(ms), remove: () => void vi.useRealTimers() });
}

function nodeTest(apis?: ('setTimeout' | 'setImmediate' | 'Date')[]): Tool {
  mock.timers.enable(apis === undefined ? undefined : { apis });
  return keep({ tick: (ms) => mock.timers.tick(ms), remove: () => mock.timers.reset() });
}

const tools: [name: string, use: () => Tool][] = [
  ['vitest', () => vitest()],
  ['vitest, timers only', () => vitest(['setTimeout', 'clearTimeout'])],
  [
    'sinon',
    () =>
      sinon([
        'setTimeout',
        'clearTimeout',
        'setInterval',
        'clearInterval',
        'setImmediate',
        'clearImmediate',
        'Date',
        'performance',
        'hrtime',
        'queueMicrotask',
      ]),
  ],
  ['sinon, timers and Date', () => sinon(['setTimeout', 'clearTimeout', 'Date'])],
  ['node:test', () => nodeTest()],
  ['node:test, timers only', () => nodeTest(['setTimeout'])],
];

function outcome(promise: Promise<unknown>): { state: string } {
  const seen = { state: 'pending' };
  promise.then(
    () => {
      seen.state = 'done';
    },
    (error: Error) => {
      seen.state = error.name;
    },
  );
  return seen;
}

describe.each(tools)('with the fake timers of %s', (_, use) => {
  test('sleeps follow them, each to the millisecond', async () => {
    await run(sleep(1));
    const tool = use();
    const begin = now();
    const short = outcome(run(sleep(100)));
    const long = outcome(run(gather([sleep(500), sleep(600), timeout(1_000, sleep(600))])));
    const late = outcome(run(timeout(550, sleep(700))));
    await turns();
    // Nothing passes by itself, although the host's own time does.
    await pause(5);
    await run(tick());
    expect(now() - begin).toBe(0);
    tool.tick(99);
    await turns();
    expect(short.state).toBe('pending');
    tool.tick(1);
    await turns();
    expect(short.state).toBe('done');
    tool.tick(499);
    await turns();
    expect([long.state, late.state]).toEqual(['pending', 'TimeoutError']);
    tool.tick(1);
    await turns();
    expect(long.state).toBe('done');
    expect(now() - begin).toBe(600);
  });

  test('a sleep that is pending when they are taken away ends in real time, and so do all later ones', async () => {
    const tool = use();
    const left = run(sleep(20, 'left'));
    await turns();
    tool.remove();
    expect(await run(sleep(5, 'later'))).toBe('later');
    expect(await left).toBe('left');
  });

  test('a sleep that is pending when they come follows them from then on', async () => {
    const before = outcome(run(sleep(60_000)));
    await turns();
    const tool = use();
    await run(tick());
    tool.tick(60_001);
    await turns();
    expect(before.state).toBe('done');
  });

  test('time never jumps', async () => {
    const before = now();
    const tool = use();
    const within = now();
    tool.tick(0);
    tool.remove();
    const after = now();
    expect(within).toBeGreaterThanOrEqual(before);
    expect(after).toBeGreaterThanOrEqual(within);
    expect(after - before).toBeLessThan(1_000);
  });

  test('a task that never waits still gives the host its turns', async () => {
    use();
    let turned = 0;
    const counting = pause(1).then(() => turned++);
    await run(function* () {
      for (let i = 0; i < 400_000 && turned === 0; i++) yield* tick();
    });
    await counting;
    expect(turned).toBe(1);
  });

  test('runTest is not touched by them', async () => {
    use();
    const begin = await runTest(function* () {
      yield* sleep(3_600_000);
      return now();
    });
    expect(begin).toBe(3_600_000);
  });
});

test('a chain of sleeps follows an advance that gives the microtasks their turn', async () => {
  vitest();
  const chain = run(function* () {
    const begin = now();
    for (let i = 0; i < 10; i++) yield* sleep(100);
    return now() - begin;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await chain).toBe(1_000);
});

test('fake timers hold one timer for each sleep, and none for one that was cancelled', async () => {
  vitest();
  const kept = run(sleep(1_000));
  const cancel = new AbortController();
  const cancelled = outcome(run(sleep(500), { signal: cancel.signal }));
  await turns();
  expect(vi.getTimerCount()).toBe(2);
  cancel.abort();
  await turns();
  expect([cancelled.state, vi.getTimerCount()]).toEqual(['CancelledError', 1]);
  vi.runOnlyPendingTimers();
  await kept;
  expect(vi.getTimerCount()).toBe(0);
});

test('a Date that is moved by hand makes no deadline pass', async () => {
  const tool = vitest(['Date']);
  const begun = run(timeout(new Date(Date.now() + 10_000), sleep(20, 'in time')));
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(await begun).toBe('in time');
  tool.remove();
});

test('a deadline that is given as a Date is read on the Date of that moment', async () => {
  const tool = vitest();
  vi.setSystemTime(new Date('2040-01-01'));
  const late = outcome(run(timeout(new Date(Date.now() + 1_000), sleep(5_000))));
  await turns();
  tool.tick(1_000);
  await turns();
  expect(late.state).toBe('TimeoutError');
});

test("what was asked of a function that is no longer the platform's is asked again", async () => {
  const { setTimeout, clearTimeout, setImmediate } = globalThis;
  Object.assign(globalThis, { setTimeout: () => ({}), clearTimeout: () => {}, setImmediate: () => ({}) });
  keep({ tick: () => {}, remove: () => void Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate }) });
  const left = run(sleep(20, 'left'));
  await turns();
  installed?.remove();
  expect(await run(sleep(5, 'later'))).toBe('later');
  expect(await left).toBe('left');
});
