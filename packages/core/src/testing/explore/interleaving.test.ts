import { describe, expect, test } from 'vitest';
import { formatInterleaving } from './interleaving.ts';
import type { Step } from './step.ts';

const step = (task: number, name: string, to: string, more: Partial<Step> = {}): Step =>
  ({ kind: 'run', task, name, from: null, to, time: 0, deviates: false, ...more }) as Step;

describe('formatInterleaving', () => {
  test('is one line for each step, with time where it moves, and a mark where the run left the plain order', () => {
    expect(
      formatInterleaving([
        step(1, 'main', 'sleep(5)'),
        { kind: 'cancel', task: 2, name: 'b', at: 'while it waits for tick()', time: 0 },
        { kind: 'timer', label: 'sleep(5)', time: 5, deviates: false },
        step(1, 'main', 'returns', { from: 'sleep(5)', time: 5, deviates: true } as Partial<Step>),
        { kind: 'host', task: 2, name: 'b', time: 5 },
      ]),
    ).toBe(
      [
        '  main: begins -> sleep(5)',
        '* cancel b here, while it waits for tick()',
        '  -- 5 ms --',
        '  timer: sleep(5)',
        '* main: sleep(5) -> returns',
        '  the host wakes b',
      ].join('\n'),
    );
  });

  test('tells tasks of one name apart', () => {
    expect(formatInterleaving([step(2, 'w', 'tick()'), step(3, 'w', 'tick()'), step(4, 'x', 'tick()')])).toBe(
      '  w#2: begins -> tick()\n  w#3: begins -> tick()\n  x: begins -> tick()',
    );
  });

  test('a long run is shortened, but not around what deviates', () => {
    const steps = Array.from({ length: 1_000 }, (_, i) =>
      step(1, 'w', `wait ${i}`, i === 500 ? ({ deviates: true } as Partial<Step>) : {}),
    );
    const text = formatInterleaving(steps);
    expect(text.split('\n').length).toBeLessThan(60);
    expect(text).toContain('* w: begins -> wait 500');
    expect(text).toContain('wait 999');
    expect(text).toMatch(/… \d+ more steps …/);
  });
});
