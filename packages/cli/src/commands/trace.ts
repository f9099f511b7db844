import { type Operation, sleep } from '@coloop/core';
import type { ChromeTrace, TraceEvent } from '@coloop/core/inspect';
import { attach, stay, type Target } from '../attach/attach.ts';
import { pidIn } from '../attach/check-target.ts';
import { type Command, CommandError } from '../command.ts';
import { takeNumber } from '../options.ts';

const RECORD = `function () {
  const copies = globalThis[Symbol.for('@coloop/core: copies')] ?? [];
  this.records = copies.flatMap((copy) => copy.record?.() ?? []);
  this.ends.push(() => { for (const record of this.records) record.stop(); });
  return this.records.length;
}`;
const TAKE = 'function () { return this.records.map((record) => record.take()); }';
const SECOND = 1_000;
/** How often what was recorded is fetched, in ms, so that little of it is kept over there. */
const FETCH = 200;

/** What runs when, for a tool that draws it. */
export const trace: Command = {
  takes: 'PID [--seconds 5]',
  summary: 'what runs and waits when, as a file for Perfetto: > trace.json',
  *run(args, out): Operation<number> {
    const { value: seconds, rest } = takeNumber(args, '--seconds', 5);
    const pid = pidIn(rest);
    const recorded = yield* attach(pid, (target) => record(pid, target, seconds * SECOND));
    out.write(`${JSON.stringify(recorded)}\n`);
    return 0;
  },
};

function* record(pid: number, target: Target, duration: number): Operation<ChromeTrace> {
  const count = yield* target.inspector.call(target.guard, RECORD);
  if (count === 0) throw new CommandError(`Process ${pid} has no coloop in it, or has not run a task yet.`);
  const traceEvents: TraceEvent[] = [];
  let dropped = 0;
  for (let left = duration; left > 0; left -= FETCH) {
    yield* sleep(Math.min(left, FETCH));
    for (const part of (yield* target.inspector.call(target.guard, TAKE)) as ChromeTrace[]) {
      for (const event of part.traceEvents) traceEvents.push(event);
      dropped += part.dropped;
    }
    yield* stay(target);
  }
  return { traceEvents, displayTimeUnit: 'ms', dropped };
}
