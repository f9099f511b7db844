/** The only file that touches the platform's timers and clock; everything else gets time from its scheduler. */

interface Platform {
  setImmediate?: (step: (run: () => void) => void, run: () => void) => unknown;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  queueMicrotask(run: () => void): void;
  performance: { now(): number; timeOrigin: number };
  MessageChannel?: new () => { port1: Port; port2: Port };
  reportError?: (error: unknown) => void;
  crypto?: { getRandomValues(bytes: Uint8Array): Uint8Array };
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
}

const platform = globalThis as unknown as Platform;

/** The longest delay that the platform's timer takes; a longer one is made of several. */
const LONGEST = 2 ** 31 - 1;

/** Milliseconds on the platform's monotonic clock. */
export const hostNow: () => number = platform.performance.now.bind(platform.performance);

/** Milliseconds since 1970 on the platform's wall clock. */
export const hostWallNow: () => number = Date.now;

/** Milliseconds since 1970 on a clock that only goes forward, the same for all threads and processes of a machine. */
export function hostEpochNow(): number {
  return platform.performance.timeOrigin + hostNow();
}

/** Runs `run` before the platform does anything else. */
export function soon(run: () => void): void {
  platform.queueMicrotask(run);
}

/**
 * Runs `run` after the platform had a turn: timers, I/O and rendering come first.
 *
 * It runs in a microtask of that turn: what is thrown below a callback of the platform's own, V8 prepares to be reported,
 * and finds out where it was thrown. In Node 20 a cancel costs twice as much there.
 */
export const afterHostTurn: (run: () => void) => void = chooseMacrotask();

function chooseMacrotask(): (run: () => void) => void {
  const { setImmediate, MessageChannel } = platform;
  // Node serves timers and I/O between two immediates; between two messages of a channel it serves neither.
  if (typeof setImmediate === 'function') return (run) => void setImmediate(soon, run);
  if (MessageChannel === undefined) return (run) => void platform.setTimeout(() => soon(run), 0);
  const { port1, port2 } = new MessageChannel();
  const runs: (() => void)[] = [];
  port1.onmessage = () => {
    const run = runs.shift();
    if (run !== undefined) soon(run);
  };
  return (run) => {
    runs.push(run);
    port2.postMessage(null);
  };
}

/** Starts a platform timer; a delay beyond its range fires early, and the caller looks at the clock again. */
export function startHostTimer(run: () => void, ms: number): unknown {
  return platform.setTimeout(run, Math.min(LONGEST, Math.max(0, Math.ceil(ms))));
}

export function stopHostTimer(handle: unknown): void {
  platform.clearTimeout(handle);
}

/** Gives an error that nobody receives to the platform, as an unhandled rejection. */
export function giveToHost(error: unknown): void {
  void Promise.reject(error);
}

/** Random bytes that cannot be guessed. */
export function hostEntropy(bytes: Uint8Array): Uint8Array {
  if (platform.crypto === undefined)
    throw new Error('This platform has no crypto.getRandomValues. Give `entropy` to the Scheduler.');
  return platform.crypto.getRandomValues(bytes);
}

/** A random number from 0 up to 1. */
export const hostRandom: () => number = Math.random;
