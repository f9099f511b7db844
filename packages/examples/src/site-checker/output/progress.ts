/** What is shown while the run goes on: one line that changes on a terminal, a line now and then in a pipe. */
import { now, type Operation, sleep } from '@coloop/core';
import type { Ledger } from '../crawl/ledger.ts';
import { count, duration, plural } from '../report/format.ts';

/** The part of `process.stdout` that is needed. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const FRAMES = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
const CLEAR = '\r\u{1b}[2K';
const ON_TERMINAL = 100;
const IN_PIPE = 1_000;
/** The speed is that of the last two seconds, so that it follows what happens. */
const WINDOW = 2_000;

/** Shows the ledger until it is cancelled; then the line is gone, and what follows starts on a clean one. */
export function* showProgress(ledger: Ledger, output: Output): Operation<never> {
  const startedAt = now();
  const past: { at: number; done: number }[] = [];
  const pause = output.isTTY ? ON_TERMINAL : IN_PIPE;
  try {
    for (let frame = 0; ; frame++) {
      const at = now();
      const done = ledger.visits.length;
      past.push({ at, done });
      while ((past[0]?.at ?? at) < at - WINDOW) past.shift();
      const [first = { at, done }] = past;
      const perSecond = at > first.at ? ((done - first.done) * 1000) / (at - first.at) : 0;
      const text = progressLine(ledger, at - startedAt, perSecond);
      if (output.isTTY) output.write(`${CLEAR}${FRAMES[frame % FRAMES.length]} ${text}`.slice(0, lineEnd(output)));
      else if (frame > 0) output.write(`${text}\n`);
      yield* sleep(pause);
    }
  } finally {
    if (output.isTTY) output.write(CLEAR);
  }
}

export function progressLine(ledger: Ledger, elapsed: number, perSecond: number): string {
  return [
    duration(elapsed),
    plural(ledger.pages, 'page'),
    plural(ledger.visits.length, 'request'),
    `${count(ledger.inFlight)} in flight`,
    `${count(perSecond)} per second`,
    plural(ledger.failures, 'failure'),
  ].join(', ');
}

/** A line that wraps could not be cleared. */
function lineEnd({ columns }: Output): number {
  // Some terminals say that they have no columns at all.
  return CLEAR.length + Math.max(20, (columns || 80) - 1);
}
