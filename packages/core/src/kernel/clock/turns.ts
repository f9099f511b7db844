/**
 * Turns of the host: how everything that a scheduler runs gets onto the native stack.
 *
 * There is one continuation for the whole thread. It is made when the library is loaded and makes the next one itself,
 * before it runs anything; a wake only resolves the promise that it waits for. So a task never runs in the
 * `AsyncLocalStorage` of whatever woke it, such as another request's, and nothing of Node has to be imported for that.
 */
import { giveToHost, isFake, isOwnTimer } from './host.ts';

type Run = () => void;
type SetImmediate = (run: Run) => unknown;

interface Port {
  onmessage: Run | null;
  postMessage(message: unknown): void;
  close(): void;
  unref?: () => void;
}

interface TurnPlatform {
  setImmediate?: SetImmediate;
  setTimeout(run: Run, ms: number): unknown;
  MessageChannel?: new () => { port1: Port; port2: Port };
}

const platform = globalThis as unknown as TurnPlatform;

let resolve: Run = nothing;
let soonest: Run[] = [];
let later: Run[] = [];

function nothing(): void {}

function arm(): void {
  void new Promise<void>(keep).then(turn);
}

function keep(resolved: Run): void {
  resolve = resolved;
}

function turn(): void {
  arm();
  const runs = soonest;
  soonest = [];
  for (const run of runs) {
    try {
      run();
    } catch (error) {
      giveToHost(error);
    }
  }
}

arm();

/** Runs `run` before the platform does anything else. */
export function soon(run: Run): void {
  if (soonest.push(run) === 1) resolve();
}

/** Something came from outside: a turn that was asked of a function which is no longer the platform's may never come. */
export function entered(): void {
  if (later.length > 0 && genuine === null && askedOf !== chooseMacrotask()) ask();
}

/**
 * Runs `run` after the platform had a turn: timers, I/O and rendering come first.
 *
 * It runs in a microtask of that turn: what is thrown below a callback of the platform's own, V8 prepares to be reported,
 * and finds out where it was thrown. In Node 20 a cancel costs twice as much there.
 */
export function afterHostTurn(run: Run): void {
  if (later.push(run) === 1) ask();
  else entered();
}

/** What the turn was asked of. */
let askedOf: SetImmediate = nothing;
let genuine: SetImmediate | null = null;

function ask(): void {
  askedOf = chooseMacrotask();
  askedOf.call(platform, served);
}

function served(): void {
  const runs = later;
  later = [];
  for (const run of runs) soon(run);
}

/** A turn is real, whatever a test tool has put in its place: the platform's own function, once it was seen, for good. */
function chooseMacrotask(): SetImmediate {
  if (genuine !== null) return genuine;
  const { setImmediate } = platform;
  // Node serves timers and I/O between two immediates; between two messages of a channel it serves neither.
  if (isOwnTimer('setImmediate', setImmediate)) genuine = setImmediate as SetImmediate;
  if (typeof setImmediate === 'function' && !isFake(setImmediate)) return setImmediate;
  return platform.MessageChannel === undefined ? afterTimeout : afterMessage;
}

function afterTimeout(run: Run): void {
  platform.setTimeout(run, 0);
}

let sender: Port | null = null;
let receiver: Port | null = null;

function afterMessage(run: Run): void {
  if (sender === null || receiver === null) {
    const { port1, port2 } = new (platform.MessageChannel as NonNullable<TurnPlatform['MessageChannel']>)();
    sender = port2;
    receiver = port1;
  }
  const { unref } = receiver;
  receiver.onmessage = () => {
    // In Node an open port holds the process, and its next message would come before timers and I/O.
    if (unref !== undefined) {
      receiver?.close();
      sender = null;
    }
    run();
  };
  sender.postMessage(null);
}

chooseMacrotask();
