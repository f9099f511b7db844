import { moveOnAfter, type Operation, TimeoutError } from '@coloop/core';
import { ClientError, Session } from '@coloop/http';
import { CommandError } from '../command.ts';
import { checkTarget, hasEnded } from './check-target.ts';
import { Inspector, openInspector, urlAt } from './inspector.ts';
import { isAlive } from './process-facts.ts';

/** How long the inspector stays open when this command is killed, in ms; each look at the process begins it anew. */
const GUARD = 10_000;
/** How often another command that closes the inspector under ours is borne. */
const ATTEMPTS = 3;
const LARGEST_ANSWER = 2 ** 30;

const CLOSE = "(process.getBuiltinModule?.('node:inspector')?.close ?? process._debugEnd)()";
/** What ends all that we have begun over there, whatever becomes of us. */
const guardOf = (close: string): string => `(() => {
  const guard = { ends: [], over() { clearTimeout(guard.timer); for (const end of guard.ends.splice(0)) end(); ${close}; } };
  guard.timer = setTimeout(guard.over, ${GUARD});
  guard.timer.unref();
  return guard;
})()`;

/** A process that we are attached to. */
export interface Target {
  readonly inspector: Inspector;
  /** The id of an object over there whose list `ends` is called when we have gone. */
  readonly guard: string;
}

/** Says that this command is still there. */
export function* stay({ inspector, guard }: Target): Operation<void> {
  yield* inspector.call(guard, 'function () { this.timer.refresh(); }');
}

/**
 * Attaches to a process that was not prepared for it, and leaves it as it was.
 *
 * The first thing that is sent is a timer that closes the inspector. One that was open before is left open.
 *
 * Cancellation: closes what was opened.
 *
 * @throws CommandError with one sentence, also where the process ends meanwhile.
 */
export function* attach<T>(pid: number, body: (target: Target) => Operation<T>): Operation<T> {
  checkTarget(pid);
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* attached(pid, body);
    } catch (error) {
      if (error instanceof TimeoutError && !(error instanceof ClientError)) {
        throw new CommandError(`Process ${pid} has not answered: it runs code that is native, or was stopped.`);
      }
      if (!(error instanceof ClientError)) throw error;
      if (!isAlive(pid)) throw hasEnded(pid);
      if (attempt === ATTEMPTS) throw new CommandError(`The inspector of process ${pid} was closed again and again.`);
    }
  }
}

function* attached<T>(pid: number, body: (target: Target) => Operation<T>): Operation<T> {
  const session = yield* Session.open({ trustEnv: false });
  const { port, wasOpen } = yield* openInspector(pid, session);
  const url = yield* urlAt(port, session);
  if (url === null) throw new CommandError(`The inspector of process ${pid} does not answer on port ${port}.`);
  const inspector = new Inspector(yield* session.ws(url, { maxMessageSize: LARGEST_ANSWER, compress: false }));
  const guard = yield* inspector.evaluate(guardOf(wasOpen ? '' : CLOSE));
  try {
    return yield* body({ inspector, guard });
  } finally {
    yield* moveOnAfter(2_000, wasOpen ? leave(inspector, guard) : close(inspector, guard));
  }
}

/** Ends what we have begun, and leaves the inspector open. */
function* leave(inspector: Inspector, guard: string): Operation<void> {
  yield* inspector.call(guard, 'function () { this.over(); }');
}

/** By a call and not by a timer: a task that spins would hold the timer up. */
function* close(inspector: Inspector, guard: string): Operation<void> {
  try {
    yield* inspector.callLast(guard, 'function () { this.over(); }');
  } catch (error) {
    // The connection ends in the middle of this call: that is what it is for.
    if (!(error instanceof ClientError)) throw error;
  }
}
