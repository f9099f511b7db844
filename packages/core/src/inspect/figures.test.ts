// Real time: a step takes some.
import { expect, test } from 'vitest';
import { Scheduler, sleep, spawn, tick } from '../index.ts';
import { measureTasks } from './figures.ts';
import { taskTree } from './index.ts';

test('steps and times of tasks are kept while somebody measures, and unknown otherwise', () => {
  const scheduler = new Scheduler();
  return scheduler.run(function* main() {
    const figures = () =>
      taskTree()
        .flatMap((task) => [task, ...task.children])
        .map((task) => task.figures);
    expect(figures()).toEqual([null]);
    const end = measureTasks([scheduler]);
    spawn(
      function* () {
        const until = performance.now() + 5;
        while (performance.now() < until);
        yield* tick();
        yield* sleep(1e6);
      },
      { daemon: true },
    );
    for (let turn = 0; turn < 4; turn++) yield* tick();
    const [main, busy] = figures();
    expect(busy).toMatchObject({ steps: 2, waiting: expect.any(Number) });
    expect(busy?.slowest).toBeGreaterThanOrEqual(5);
    expect(busy?.running).toBeGreaterThanOrEqual(5);
    // It was ready while the other one ran.
    expect(main?.starved).toBeGreaterThanOrEqual(4);
    end();
    end();
    expect(figures()).toEqual([null, null]);
  });
});
