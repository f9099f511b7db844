import { describe, expect, test } from 'vitest';
import { currentTask, forever, group, run, Scheduler, spawn, tick } from '../index.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';
import { formatTree, taskTree } from './index.ts';

describe('taskTree', () => {
  test('has every living task under its owner, through groups, with status and wait', async () => {
    const tree = await new Scheduler().run(function* main() {
      spawn(forever(), { name: 'a', daemon: true });
      return yield* group(function* (g) {
        g.spawn(forever(), { name: 'b', daemon: true });
        yield* tick();
        return taskTree();
      });
    });
    expect(formatTree(tree)).toBe(
      'task main: running\n  task a, a daemon: waiting for forever()\n  task b, a daemon: waiting for forever()\n',
    );
  });

  test('shows what tasks depend on', async () => {
    const seen = await run(
      function* main() {
        const task = spawn(forever(), { name: 'a', daemon: true });
        spawn(watch(task), { name: 'joiner', daemon: true });
        yield* group(function* (g) {
          g.spawn(tick(), { name: 'b' });
          yield* tick();
        });
        return taskTree();
      },
      { scheduler: new Scheduler() },
    );
    const [main] = seen;
    const [a, joiner] = main?.children ?? [];
    expect(main).toMatchObject({ name: 'main', status: 'running', waitsFor: null, place: null, dependsOn: [] });
    expect(a).toMatchObject({ name: 'a', status: 'waiting', daemon: true, waitsFor: 'forever()', children: [] });
    expect(joiner).toMatchObject({ name: 'joiner', waitsFor: 'task a', dependsOn: [a?.id] });
  });

  test('knows the places in debug', async () => {
    const seen = await new Scheduler({ debug: true }).run(function* main() {
      spawn(forever(), { name: 'a', daemon: true });
      yield* tick();
      return taskTree(schedulerOf(currentTask()));
    });
    const here = /tree\.test\.ts:\d+:\d+$/;
    expect(seen[0]?.place).toMatch(here);
    expect(seen[0]?.children[0]?.place).toMatch(here);
    expect(seen[0]?.children[0]?.line).toMatch(here);
    expect(formatTree(seen)).toMatch(
      /^task main .*: running\n {2}task a, a daemon .*: waiting for forever\(\), at .*\n$/,
    );
  });

  test('is empty where nothing runs', () => {
    expect(taskTree(new Scheduler())).toEqual([]);
  });
});

function* watch(task: ReturnType<typeof currentTask>) {
  yield* task;
}
