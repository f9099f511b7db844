/**
 * Random programs of the words of this room, and a world that knows what must hold in each of them, whatever is cancelled
 * when: all that was entered is left, once; nothing outlives its scope; only errors that the program can have come out.
 */

import fc from 'fast-check';
import {
  acquire,
  attempt,
  CancelledError,
  CleanupTimeoutError,
  coroutine,
  currentTask,
  defer,
  type Group,
  gather,
  group,
  isCancelled,
  moveOnAfter,
  now,
  type Operation,
  race,
  resource,
  shield,
  sleep,
  spawn,
  supervise,
  TaskGroupError,
  TimeoutError,
  tick,
  timeout,
} from '../index.ts';
import { schedulerOf } from '../kernel/scheduler/run.ts';

/** A program, as data: so that it can be printed and made smaller. */
export type Program =
  | { readonly op: 'sleep'; readonly ms: number }
  | { readonly op: 'tick' | 'fail' }
  | { readonly op: 'defer' | 'resource'; readonly ms: number; readonly fails: boolean }
  | { readonly op: 'seq' | 'group' | 'supervise' | 'gather' | 'settle' | 'race'; readonly parts: readonly Program[] }
  | { readonly op: 'spawn' | 'daemon' | 'join' | 'attempt' | 'shield' | 'coroutine' | 'catch'; readonly part: Program }
  | { readonly op: 'swallow' | 'start' | 'stuck'; readonly part: Program }
  | {
      readonly op: 'timeout' | 'moveOn' | 'cancel' | 'groupCancel' | 'reschedule';
      readonly ms: number;
      readonly part: Program;
    }
  | { readonly op: 'finally'; readonly part: Program; readonly cleanup: Program };

const ms = fc.integer({ min: 0, max: 6 });

const BLOCKS = ['seq', 'seq', 'group', 'supervise', 'gather', 'settle', 'race'] as const;
const WRAPPERS = ['spawn', 'daemon', 'join', 'attempt', 'shield', 'coroutine', 'catch', 'swallow', 'start'] as const;
const TIMED = ['timeout', 'moveOn', 'cancel', 'groupCancel', 'reschedule'] as const;

/** Small programs of all words; with `stuck`, some cleanups do not end within their grace. */
export function programs({ stuck = false } = {}): fc.Arbitrary<Program> {
  return fc.letrec<{ any: Program; leaf: Program; block: Program }>((tie) => ({
    any: fc.oneof({ maxDepth: 4, depthSize: 'small' }, tie('leaf'), tie('block')),
    leaf: fc.oneof(
      fc.record({ op: fc.constant('sleep' as const), ms }),
      fc.record({ op: fc.constantFrom('tick' as const, 'fail' as const) }),
      fc.record({ op: fc.constantFrom('defer' as const, 'resource' as const), ms, fails: fc.boolean() }),
    ),
    block: fc.oneof(
      fc.record({ op: fc.constantFrom(...BLOCKS), parts: fc.array(tie('any'), { minLength: 1, maxLength: 4 }) }),
      fc.record({ op: fc.constantFrom(...WRAPPERS), part: tie('any') }),
      fc.record({ op: fc.constantFrom(...TIMED), ms, part: tie('any') }),
      fc.record({ op: fc.constant('finally' as const), part: tie('any'), cleanup: tie('any') }),
      ...(stuck ? [fc.record({ op: fc.constant('stuck' as const), part: tie('any') })] : []),
    ),
  })).any;
}

/** The failure that programs have on purpose. */
class PlannedError extends Error {
  override readonly name = 'PlannedError';
}

/** Something that has not held. */
class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw';
}

/** A part of the program that must not be outlived by what was started in it. */
interface Extent {
  readonly outer: Extent | null;
}

class World {
  /** What was entered and not left. */
  readonly open = new Map<object, string>();
  readonly #running = new Map<object, Extent>();
  readonly #lenient: boolean;

  /** @param lenient whether tasks may be abandoned: then their own code ends anywhere, but what they own is released */
  constructor(lenient: boolean) {
    this.#lenient = lenient;
  }

  /** @param code whether it is code of the program's own, which an abandoned task never runs to its end */
  enter(what: string, code = false): () => void {
    if (code && this.#lenient) return () => {};
    const token = {};
    this.open.set(token, what);
    return () => {
      if (!this.open.delete(token)) throw new BrokenLaw(`${what} was left twice`);
    };
  }

  begin(extent: Extent): () => void {
    const token = {};
    this.#running.set(token, extent);
    return () => void this.#running.delete(token);
  }

  /** Nothing that was started in `extent` may run when it is over. */
  over(extent: Extent, what: string): void {
    if (this.#lenient) return;
    for (const each of this.#running.values()) {
      for (let at: Extent | null = each; at !== null; at = at.outer) {
        if (at === extent) throw new BrokenLaw(`something outlived ${what}`);
      }
    }
  }

  /** Only what the program can have: its own failures, deadlines, cancels, and groups of these. */
  allow(error: unknown): void {
    if (error instanceof PlannedError || error instanceof TimeoutError || error instanceof CancelledError) return;
    if (error instanceof CleanupTimeoutError && this.#lenient) return;
    if (error instanceof Error && / ended without calling started/.test(error.message)) return;
    if (error instanceof TaskGroupError) {
      for (const each of error.errors) this.allow(each);
      return;
    }
    if (error instanceof BrokenLaw) throw error;
    if (error instanceof Error && error.name === 'SuppressedError') {
      const { error: later, suppressed } = error as unknown as { error: unknown; suppressed: unknown };
      this.allow(later);
      this.allow(suppressed);
      return;
    }
    throw new BrokenLaw(`the program cannot fail with ${error instanceof Error ? error.stack : String(error)}`);
  }
}

/** The operation of a program that checks its own laws; its root must not be cancelled. */
export function* lawful(program: Program, lenient = false): Operation<void> {
  const world = new World(lenient);
  const scheduler = schedulerOf(currentTask());
  const reported: unknown[] = [];
  scheduler.events.on('unhandled', ({ error }) => reported.push(error));
  const extent = { outer: null };
  const result = yield* attempt(group(() => perform(program, world, extent)));
  world.over(extent, 'the program');
  if (!result.ok) world.allow(result.error);
  for (const error of reported) world.allow(error);
  if (world.open.size > 0) throw new BrokenLaw(`never left: ${[...world.open.values()].join(', ')}`);
}

function* perform(program: Program, world: World, extent: Extent): Operation<void> {
  switch (program.op) {
    case 'sleep': {
      const begin = now();
      yield* sleep(program.ms);
      if (now() - begin !== program.ms) throw new BrokenLaw(`sleep(${program.ms}) took ${now() - begin}`);
      return;
    }
    case 'tick':
      return yield* tick();
    case 'fail':
      throw new PlannedError('planned');
    case 'defer': {
      const left = world.enter('a defer');
      defer(function* () {
        yield* sleep(program.ms);
        left();
        if (program.fails) throw new PlannedError('a cleanup failed');
      });
      return;
    }
    case 'resource':
      yield* acquire(
        resource<string>(function* (provide) {
          const left = world.enter('a resource');
          try {
            yield* provide('it');
          } finally {
            left();
          }
          if (program.fails) throw new PlannedError('a release failed');
        }),
      );
      return;
    case 'seq':
      for (const part of program.parts) yield* perform(part, world, extent);
      return;
    case 'group':
    case 'supervise': {
      const inner = { outer: extent };
      const make = program.op === 'group' ? group : supervise;
      const body = () => children(program.parts, world, inner);
      try {
        yield* make(body);
      } finally {
        world.over(inner, program.op);
      }
      return;
    }
    case 'gather':
    case 'settle':
    case 'race': {
      const inner = { outer: extent };
      const branches = program.parts.map((part) => tracked(part, world, inner));
      try {
        if (program.op === 'race') yield* race(branches);
        else yield* gather(branches, { settle: program.op === 'settle', concurrency: 2 });
      } finally {
        world.over(inner, program.op);
      }
      return;
    }
    case 'spawn':
    case 'daemon':
      spawn(tracked(program.part, world, extent), { daemon: program.op === 'daemon' });
      return;
    case 'join':
      return yield* spawn(tracked(program.part, world, extent));
    case 'cancel': {
      const inner = { outer: extent };
      const task = spawn(tracked(program.part, world, inner));
      yield* sleep(program.ms);
      yield* task.cancel('planned');
      world.over(inner, 'a cancel that was waited for');
      if (!task.done) throw new BrokenLaw('a cancel returned before its task had ended');
      return;
    }
    case 'attempt': {
      const result = yield* attempt(perform(program.part, world, extent));
      if (!result.ok) world.allow(result.error);
      return;
    }
    case 'shield':
      return yield* shield(perform(program.part, world, extent));
    case 'coroutine':
      return yield* called(program.part, world, extent);
    case 'catch':
      try {
        yield* perform(program.part, world, extent);
      } catch (error) {
        world.allow(error);
        if (isCancelled(error)) throw error;
      }
      return;
    case 'timeout':
    case 'moveOn': {
      const begin = now();
      const part = perform(program.part, world, extent);
      try {
        if (program.op === 'timeout') yield* timeout(program.ms, part);
        else if ((yield* moveOnAfter(program.ms, part)).timedOut && now() - begin < program.ms) {
          throw new BrokenLaw(`moveOnAfter(${program.ms}) gave up after ${now() - begin}`);
        }
      } catch (error) {
        world.allow(error);
        throw error;
      }
      return;
    }
    case 'reschedule': {
      const begin = now();
      const result = yield* moveOnAfter(1, function* (deadline) {
        deadline.reschedule(program.ms);
        yield* perform(program.part, world, extent);
      });
      if (result.timedOut && now() - begin < program.ms) throw new BrokenLaw('a moved deadline passed too early');
      return;
    }
    case 'groupCancel': {
      const inner = { outer: extent };
      try {
        yield* group(function* (g) {
          spawn(cancelling(g, program.ms), { daemon: true });
          yield* perform(program.part, world, inner);
        });
      } finally {
        world.over(inner, 'a group that was cancelled');
      }
      return;
    }
    case 'start': {
      const inner = { outer: extent };
      yield* group(function* (g) {
        const value = yield* g.start<number>((started) => starting(started, program.part, world, inner));
        if (value !== 7) throw new BrokenLaw(`start gave ${value}`);
      });
      return;
    }
    case 'swallow':
      try {
        yield* perform(program.part, world, extent);
      } catch (error) {
        world.allow(error);
      }
      return;
    case 'finally': {
      const left = world.enter('a finally', true);
      try {
        yield* perform(program.part, world, extent);
      } finally {
        left();
        yield* perform(program.cleanup, world, extent);
      }
      return;
    }
    case 'stuck':
      try {
        yield* perform(program.part, world, extent);
      } finally {
        yield* sleep(60_000);
      }
  }
}

function* cancelling(g: Group, after: number): Operation<void> {
  yield* sleep(after);
  yield* g.cancel('planned');
}

function* starting(started: (value: number) => void, part: Program, world: World, extent: Extent): Operation<void> {
  yield* tick();
  started(7);
  yield* tracked(part, world, extent);
}

const called = coroutine(perform);

function* children(parts: readonly Program[], world: World, extent: Extent): Operation<void> {
  for (const part of parts) spawn(tracked(part, world, extent));
}

function* tracked(part: Program, world: World, extent: Extent): Operation<void> {
  const end = world.begin(extent);
  try {
    yield* perform(part, world, { outer: extent });
  } finally {
    end();
  }
}
