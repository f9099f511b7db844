import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visit } from './findings.fixture.ts';
import { assignLanes, loadOver, outcomeOf, renderTimeline, slowFrom, tickStep } from './timeline.ts';

describe('rows', () => {
  test('a request takes the first row that is free', () => {
    const visits = [visit('/a', 0, 10), visit('/b', 2, 5), visit('/c', 5, 9), visit('/d', 10, 12)];
    expect(assignLanes(visits)).toEqual([0, 1, 1, 0]);
  });

  test('no two requests of a row overlap, and no row is opened without need', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 60 }), (spans) => {
        const visits = spans.map(([start, took]) => visit('/x', start, start + took));
        visits.sort((a, b) => a.startedAt - b.startedAt);
        const lanes = assignLanes(visits);
        const ends = new Map<number, number>();
        visits.forEach(({ startedAt, endedAt }, index) => {
          const lane = lanes[index] ?? -1;
          expect(ends.get(lane) ?? 0).toBeLessThanOrEqual(startedAt);
          ends.set(lane, endedAt);
        });
        const inFlight = visits.map(
          ({ startedAt }) => visits.filter((other) => other.startedAt <= startedAt && other.endedAt > startedAt).length,
        );
        expect(Math.max(...lanes) + 1).toBe(Math.max(...inFlight));
      }),
    );
  });
});

describe('what a bar says', () => {
  test('broken counts before redirected, and redirected before slow', () => {
    const problem = { why: 'timeout', text: 'no answer' } as const;
    expect(outcomeOf(visit('/a', 0, 900, { redirects: 1, problem }), 500)).toBe('broken');
    expect(outcomeOf(visit('/a', 0, 900, { redirects: 1 }), 500)).toBe('redirected');
    expect(outcomeOf(visit('/a', 0, 900), 500)).toBe('slow');
    expect(outcomeOf(visit('/a', 0, 90), 500)).toBe('fine');
  });

  test('slow means far more than usual, and never less than half a second', () => {
    expect(slowFrom([])).toBe(500);
    expect(slowFrom([visit('/a', 0, 20), visit('/b', 0, 30), visit('/c', 0, 40)])).toBe(500);
    expect(slowFrom([visit('/a', 0, 200), visit('/b', 0, 300), visit('/c', 0, 400)])).toBe(1_200);
  });
});

describe('scales', () => {
  test('ticks fall on round times', () => {
    expect([900, 1_000, 4_300, 61_000, 0].map((span) => tickStep(span, 8))).toEqual([200, 200, 1_000, 10_000, 0.2]);
  });

  test('the load is the average number of requests in flight', () => {
    expect(loadOver([visit('/a', 0, 100), visit('/b', 50, 100)], 100, 4)).toEqual([1, 1, 2, 2]);
    expect(loadOver([visit('/a', 10, 15)], 100, 10)[1]).toBeCloseTo(0.5);
    expect(loadOver([], 0, 3)).toEqual([0, 0, 0]);
  });
});

test('the picture has one bar for each request and says in words what it shows', () => {
  const svg = String(
    renderTimeline([visit('/a', 0, 100), visit('/b', 10, 60, { phases: { setup: 5, wait: 30, body: 15 } })], {
      elapsed: 100,
      address: (url) => url,
    }),
  );
  expect(svg.match(/<g class="bar /g)).toHaveLength(2);
  expect(svg).toContain('2 requests over 100 ms in 2 rows; at most 2 were in flight at once.');
  expect(svg).toContain('connection 5.0 ms, wait 30 ms, body 15 ms');
});
