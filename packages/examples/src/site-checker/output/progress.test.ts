import { group, sleep } from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { describe, expect, test } from 'vitest';
import { Ledger } from '../crawl/ledger.ts';
import { visit } from '../report/findings.fixture.ts';
import { type Output, progressLine, showProgress } from './progress.ts';

interface Recorded extends Output {
  readonly written: string[];
}

function recorder(more: Partial<Output>): Recorded {
  const written: string[] = [];
  return { ...more, written, write: (text: string) => written.push(text) };
}

/** A run of five seconds with a page every tenth of a second. */
function* work(ledger: Ledger, output: Output) {
  yield* group(function* (tasks) {
    tasks.spawn(showProgress(ledger, output), { daemon: true });
    for (let index = 0; index < 50; index++) {
      yield* sleep(100);
      ledger.settle(visit(`/${index}`, index, index + 1), undefined);
    }
  });
}

describe('progress', () => {
  test('in a pipe is a plain line a second', async () => {
    const output = recorder({});
    await runTest(() => work(new Ledger(), output));
    expect(output.written).toHaveLength(5);
    expect(output.written.join('')).not.toMatch(/[^\P{Cc}\n]/u);
    expect(output.written[3]).toMatch(
      /^4\.00 s, (39|40) pages, (39|40) requests, 0 in flight, 10 per second, 0 failures\n$/,
    );
  });

  test('on a terminal is one line that is written over, and is gone at the end', async () => {
    const output = recorder({ isTTY: true, columns: 40 });
    await runTest(() => work(new Ledger(), output));
    expect(output.written.length).toBeGreaterThan(40);
    for (const text of output.written) {
      expect(text.startsWith('\r\u{1b}[2K')).toBe(true);
      expect(text).not.toContain('\n');
      // One that is as wide as the terminal would wrap, and could not be cleared.
      expect(text.length - '\r\u{1b}[2K'.length).toBeLessThan(40);
    }
    expect(output.written.at(-1)).toBe('\r\u{1b}[2K');
  });

  test('tells pages, requests in flight, speed and failures', () => {
    const ledger = new Ledger();
    ledger.settle(visit('/', 0, 9), undefined);
    ledger.settle(visit('/gone', 0, 9, { kind: 'other', problem: { why: 'status', text: '' } }), undefined);
    ledger.inFlight = 7;
    expect(progressLine(ledger, 1_500, 118.4)).toBe(
      '1.50 s, 1 page, 2 requests, 7 in flight, 118 per second, 1 failure',
    );
  });
});
