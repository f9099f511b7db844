import { expect, test } from 'vitest';
import { runTest } from '../../testing/run-test.ts';
import { timeout } from '../../time/timeout.ts';
import { spawn } from '../scheduler/spawn.ts';
import { attempt } from '../task/attempt.ts';
import { Notify } from './notify.ts';

test('a wait returns at once where its condition holds', () =>
  runTest(function* () {
    expect(yield* new Notify().until('the end', () => true, { value: 'ended' })).toBe('ended');
  }));

test('all that wait ask again at a check, and those whose condition holds go on in the order in which they came', () =>
  runTest(function* () {
    const notify = new Notify();
    const seen: string[] = [];
    let level = 0;
    function* reach(name: string, least: number) {
      yield* notify.until(`level ${least}`, () => level >= least, { value: undefined });
      seen.push(name);
    }
    const tasks = [spawn(reach('a', 1)), spawn(reach('b', 2)), spawn(reach('c', 1))];
    function* raise() {
      level++;
      notify.check();
    }
    yield* spawn(raise());
    yield* tasks[2] as (typeof tasks)[number];
    expect(seen).toEqual(['a', 'c']);
    yield* spawn(raise());
    yield* tasks[1] as (typeof tasks)[number];
    expect(seen).toEqual(['a', 'c', 'b']);
  }));

test('a wait that was cancelled is not asked again', () =>
  runTest(function* () {
    const notify = new Notify();
    let asked = 0;
    const never = () => {
      asked++;
      return false;
    };
    const tried = yield* attempt(timeout(5, notify.until('never', never, { value: undefined })));
    expect(tried.ok).toBe(false);
    notify.check();
    expect(asked).toBe(1);
  }));

test('it does not count as a wait for the host: where nothing else can happen, it is a deadlock at once', async () => {
  const stuck = runTest(() => new Notify().until('what never comes', () => false, { value: undefined }));
  await expect(stuck).rejects.toThrow(/no timer is set, and nothing is waited for that the host could give/);
});
