/**
 * The platform's clock and timers, read by one rule at every moment: test tools put others in their place while a program
 * runs, and take them away again. With `turns.ts` the only file that touches them; everything else gets time from its scheduler.
 *
 * They are looked up once per turn of the host and once per call from outside, never per wait.
 */

type HostFunction = (...args: never[]) => unknown;

interface Platform {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  performance: { now(): number; timeOrigin: number };
  AbortSignal?: { timeout(ms: number): { onabort: (() => void) | null } };
  Atomics?: {
    waitAsync?: (cells: Int32Array, at: number, value: number, ms: number) => { value: PromiseLike<unknown> };
  };
  SharedArrayBuffer?: new (size: number) => ArrayBufferLike;
  crypto?: { getRandomValues(bytes: Uint8Array): Uint8Array };
}

interface Faked {
  clock?: { _setTimeout?: Platform['setTimeout']; _clearTimeout?: Platform['clearTimeout'] };
}

const platform = globalThis as unknown as Platform;

/** The longest delay that the platform's timer takes; a longer one is made of several. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;
/** What time goes on from is a multiple of this, so that whole milliseconds can be added to it without an error of rounding. */
const GRAIN = 1 / 1024;

/** What stands in the place of the platform's functions and passes its calls on to them, as the traps of a test do. */
export const passingOn = new WeakSet<object>();

/**
 * Whether a tool that moves time by hand has put `fn` there: fake-timers, which vitest, jest and sinon use, hang their
 * clock on each function, and node:test binds its own.
 */
export function isFake(fn: HostFunction): boolean {
  return 'clock' in fn || fn.name.startsWith('bound ');
}

/** Whether `fn` may be the platform's own function called `name`. */
function isGenuine(name: string, fn: unknown): fn is HostFunction {
  return typeof fn === 'function' && fn.name === name && !isFake(fn as HostFunction) && !('_isMockFunction' in fn);
}

/** Whether `fn` is surely the platform's own timer called `name`: compiled into it, or with what Node hangs on its timers. */
export function isOwnTimer(name: string, fn: unknown): boolean {
  return isGenuine(name, fn) && (PROMISIFY in fn || /\[native code\]/.test(Function.prototype.toString.call(fn)));
}

const PROMISIFY = Symbol.for('nodejs.util.promisify.custom');

/** The platform's timers as they were found: what one of them has set, only its own twin can clear. */
export interface HostTimers {
  readonly set: Platform['setTimeout'];
  readonly clear: Platform['clearTimeout'];
  /** Whether they ring when a test says so. */
  readonly fake: boolean;
}

let genuineTimers: HostTimers | null = null;
let timers = readTimers();

function readTimers(): HostTimers {
  const { setTimeout: set, clearTimeout: clear } = platform;
  const found = { set, clear, fake: isFake(set) };
  if (genuineTimers !== null) return found;
  if (isOwnTimer('setTimeout', set)) genuineTimers = found;
  else genuineTimers = behind(set);
  return found;
}

/** The timers that fake-timers has taken the place of. */
function behind(set: object): HostTimers | null {
  const { _setTimeout, _clearTimeout } = (set as Faked).clock ?? {};
  if (_setTimeout === undefined || _clearTimeout === undefined) return null;
  return { set: _setTimeout, clear: _clearTimeout, fake: false };
}

/** The platform's timers of this moment; the same object as long as they are the same. */
export function hostTimers(): HostTimers {
  const { set } = timers;
  if (platform.setTimeout !== set && !passingOn.has(platform.setTimeout)) timers = readTimers();
  return timers;
}

/** Sets a timer. */
export function setTimer({ set }: HostTimers, run: () => void, ms: number): unknown {
  return set.call(platform, run, Math.max(0, Math.ceil(ms)));
}

/** Clears one that was set with the same timers. */
export function clearTimer({ clear }: HostTimers, handle: unknown): void {
  clear.call(platform, handle);
}

/** Sets a timer that no test tool moves; call what it returns to clear it. */
export function startRealTimer(run: () => void, ms: number): () => void {
  const real = genuineTimers;
  if (real === null) return startUncommonTimer(run, ms);
  const handle = setTimer(real, run, ms);
  return () => clearTimer(real, handle);
}

/** The library was loaded when the timers were moved by hand already: these are others, which hardly any tool knows of. */
function startUncommonTimer(run: () => void, ms: number): () => void {
  const { AbortSignal, Atomics: atomics, SharedArrayBuffer: Shared } = platform;
  let rings: (() => void) | null = run;
  const ring = (): void => rings?.();
  // A method of the platform is no constructor, and what is put in its place mostly is.
  if (AbortSignal !== undefined && isGenuine('timeout', AbortSignal.timeout) && !('prototype' in AbortSignal.timeout)) {
    AbortSignal.timeout(ms).onabort = ring;
  } else if (atomics?.waitAsync !== undefined && Shared !== undefined) {
    atomics.waitAsync(new Int32Array(new Shared(4)), 0, 0, ms).value.then(ring);
  } else setTimer(hostTimers(), ring, ms);
  return () => {
    rings = null;
  };
}

/** What time is read from where timers are moved by hand and the clock is not: it passes when an alarm rings. */
const STILL = (): number => 0;

let source: { now(): number } = platform.performance;
let sourceNow = source.now;
/** Milliseconds on the platform's monotonic clock, for the length of slices and for other threads: no test tool moves it. */
export let hostNow: () => number = sourceNow.bind(source);
let isRealNow = isGenuine('now', sourceNow);
let read = timers.fake && isRealNow ? STILL : hostNow;
let readFor = timers;
/** Added to what is read, so that the time of the schedulers goes on from where it was when the platform's clock is swapped. */
let offset = 0;
/** The latest time that an alarm has rung for. */
let proven = Number.NEGATIVE_INFINITY;

/** Milliseconds for schedulers: a clock that follows the platform's, whatever stands in its place, and never jumps. */
export function hostTime(): number {
  return Math.max(read() + offset, proven);
}

/** Looks up what `hostTime` reads from. */
export function lookUpClock(): void {
  const found = hostTimers();
  const { performance } = platform;
  if (found === readFor && performance === source && performance.now === sourceNow) return;
  const now = performance?.now;
  if (typeof now !== 'function' || passingOn.has(now)) return;
  const time = hostTime();
  readFor = found;
  source = performance;
  sourceNow = now;
  const isReal = isGenuine('now', now);
  read = found.fake && isReal ? STILL : now.bind(performance);
  offset = Math.ceil((time - read()) / GRAIN) * GRAIN;
  if (!isReal || isRealNow) return;
  isRealNow = true;
  hostNow = now.bind(performance);
}

/** An alarm has rung for `at`, which proves that this time has come, whatever the clock says. */
export function proveTime(at: number): void {
  if (at > proven) proven = at;
}

/** Milliseconds since 1970 on the platform's wall clock. */
export function hostWallNow(): number {
  return Date.now();
}

/** Milliseconds since 1970 on a clock that only goes forward, the same for all threads and processes of a machine. */
export function hostEpochNow(): number {
  return EPOCH + hostNow();
}

const EPOCH = platform.performance.timeOrigin;

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
