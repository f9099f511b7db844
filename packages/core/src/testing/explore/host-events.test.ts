import { describe, expect, test } from 'vitest';
import { until } from '../../bridge/until.ts';
import { now, type Operation, sleep, spawn, TimeoutError, timeout } from '../../index.ts';
import { ExploreError, type ExploreOptions, explore, InjectedHostError } from '../index.ts';

async function bugIn(program: () => Operation<unknown>, options: ExploreOptions): Promise<ExploreError> {
  const error: unknown = await explore(program, options).catch((reason: unknown) => reason);
  if (!(error instanceof ExploreError)) throw new Error(`no bug was found: ${error}`);
  return error;
}

/** Asks a host that answers at once, and takes its answer for granted. */
function* asking() {
  return yield* timeout(50, until(Promise.resolve('answer')));
}

describe('what the host gives', () => {
  test('comes at once where nothing else is asked for', async () => {
    const report = await explore(asking, { seeds: 20 });
    expect(report.uncontrolled).toEqual(['until(promise)']);
    expect(String(report)).toContain('Not under control: when the host ends until(promise)');
  });

  test('may come late: after the next timer', async () => {
    const bug = await bugIn(asking, { seeds: 50, host: { late: true } });
    expect(bug.cause).toBeInstanceOf(TimeoutError);
    expect(bug.trace).toBe(`v1/${bug.seed}/l1`);
    expect(bug.interleaving).toContain('* until(promise) comes late');
    expect((await bugIn(asking, { replay: bug.trace })).trace).toBe(bug.trace);
  });

  test('may fail', async () => {
    const bug = await bugIn(asking, { seeds: 50, host: { fail: true } });
    expect(bug.cause).toBeInstanceOf(InjectedHostError);
    expect(bug.interleaving).toContain('* until(promise) is made to fail');
  });

  test('a late event is delivered, and leaves nothing behind where it is given up', async () => {
    const times = new Set<number>();
    function* patient() {
      spawn(sleep(20));
      yield* until(Promise.resolve());
      times.add(now());
    }
    await explore(patient, { seeds: 50, host: { late: true } });
    expect([...times].sort((a, b) => a - b)).toEqual([0, 20]);
    await explore(
      function* () {
        const task = spawn(until(Promise.resolve()));
        yield* sleep(1);
        yield* task.cancel();
      },
      { seeds: 50, host: { late: true }, cancel: true },
    );
  });
});
