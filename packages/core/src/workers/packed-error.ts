/**
 * How errors travel. The platform's clone drops an error's class (but for eight of them), its own properties and, in some
 * engines, its cause; so an error is packed into a record, and made anew on the other side.
 */
import {
  BrokenBarrierError,
  BrokenChannelError,
  BrokenLockError,
  CancelledError,
  CleanupTimeoutError,
  ClosedChannelError,
  DeadlockError,
  describe,
  EndOfChannelError,
  GeneratorExit,
  GroupClosedError,
  NotInTaskError,
  QueueEmptyError,
  QueueFullError,
  QueueShutdownError,
  StopIteration,
  TaskGroupError,
  TimeoutError,
  WouldBlockError,
} from '../errors.ts';
import {
  NoSuchExportError,
  PoolClosedError,
  RemoteError,
  WorkerLoadError,
  WorkerLostError,
  WorkerUnresponsiveError,
} from './errors.ts';

/** A thrown value, as a message carries it. */
export interface PackedError {
  /** The name of its class; null for a thrown value that is not an error. */
  readonly className: string | null;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly cause: PackedError | null;
  /** The parts of an `AggregateError`. */
  readonly errors: readonly PackedError[] | null;
  /** Its own properties that are errors. */
  readonly inner: Readonly<Record<string, PackedError>>;
  /** Its other own properties, and the value itself as `value` where it is not an error. */
  readonly properties: Readonly<Record<string, unknown>>;
}

type ErrorClass = abstract new (...args: never) => Error;

/** How many errors travel in one, in whatever way they lie in each other. */
const MOST_ERRORS = 100;
const STANDARD = new Set(['stack', 'message', 'cause', 'errors']);

/**
 * Packs what was thrown.
 *
 * @param plain leaves out all properties that are objects: for an error of which one of them could not be cloned
 */
export function packError(thrown: unknown, plain = false): PackedError {
  return new Packing(plain).pack(thrown);
}

class Packing {
  readonly #plain: boolean;
  /** The errors that contain the current one: a circle ends there. */
  readonly #around = new Set<unknown>();
  #remaining = MOST_ERRORS;

  constructor(plain: boolean) {
    this.#plain = plain;
  }

  pack(thrown: unknown): PackedError {
    this.#remaining--;
    if (!(thrown instanceof Error)) {
      const value = isPlain(thrown, this.#plain) ? thrown : describe(thrown);
      return { ...NOTHING, className: null, properties: { value } };
    }
    this.#around.add(thrown);
    const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
    const packed = {
      className: classNameOf(thrown),
      name: String(thrown.name),
      message: String(thrown.message),
      stack: typeof thrown.stack === 'string' ? thrown.stack : null,
      cause: cause === undefined ? null : this.#inside(cause),
      errors: Array.isArray(errors) ? errors.flatMap((error) => this.#inside(error) ?? []) : null,
      ...this.#own(thrown),
    };
    this.#around.delete(thrown);
    return packed;
  }

  #inside(error: unknown): PackedError | null {
    return this.#remaining > 0 && !this.#around.has(error) ? this.pack(error) : null;
  }

  #own(thrown: Error): Pick<PackedError, 'inner' | 'properties'> {
    const inner: Record<string, PackedError> = {};
    const properties: Record<string, unknown> = {};
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(thrown))) {
      if (STANDARD.has(key)) continue;
      const packed = value instanceof Error ? this.#inside(value) : null;
      if (packed !== null) inner[key] = packed;
      else if (isPlain(value, this.#plain)) properties[key] = value;
    }
    if (thrown instanceof CancelledError) Object.assign(properties, cancelOf(thrown, this.#plain));
    return { inner, properties };
  }
}

const NOTHING = { name: '', message: '', stack: null, cause: null, errors: null, inner: {}, properties: {} };

/** A class of ours is known by itself: a bundler may have renamed it, in another way on each side. */
function classNameOf(error: Error): string {
  const { constructor: made } = error as { constructor?: { name?: unknown } };
  if (typeof made !== 'function') return 'Error';
  const ours = NAMES.get(made);
  if (ours !== undefined) return ours;
  return typeof made.name === 'string' ? made.name : 'Error';
}

function cancelOf(error: CancelledError, plain: boolean): Record<string, unknown> {
  const reason = isPlain(error.reason, plain) ? error.reason : describe(error.reason);
  return { reason, requestedBy: error.requestedBy, through: [...error.through] };
}

/** Whether the value is plain data: no function, and no object with behaviour of its own. */
function isPlain(value: unknown, primitive: boolean): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null) return true;
  if (primitive) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

/** Makes errors of packed ones: of the classes that both sides know, and of those that the pool was given. */
export class ErrorClasses {
  readonly #classes = new Map<string, ErrorClass>(KNOWN);

  constructor(own: readonly ErrorClass[] = []) {
    for (const each of own) this.#classes.set(each.name, each);
  }

  /** @param where what the stack says of the place that it comes from */
  unpack(packed: PackedError, where: string): unknown {
    const { className, message, properties } = packed;
    if (className === null) return properties.value;
    const cause = packed.cause === null ? undefined : { cause: this.unpack(packed.cause, where) };
    const error = this.#make(packed, cause);
    for (const [key, value] of Object.entries(properties)) {
      if (!(error instanceof CancelledError)) define(error, key, value, true);
    }
    for (const [key, each] of Object.entries(packed.inner)) define(error, key, this.unpack(each, where), true);
    if (packed.errors !== null) {
      define(
        error,
        'errors',
        packed.errors.map((each) => this.unpack(each, where)),
        false,
      );
    }
    if (packed.stack !== null) define(error, 'stack', `${packed.stack}\n    at ${where}`, false);
    else if (!(error instanceof CancelledError)) define(error, 'stack', `${packed.name}: ${message}`, false);
    return error;
  }

  #make(packed: PackedError, cause: ErrorOptions | undefined): Error {
    const { className, name, message, properties } = packed;
    if (className === 'CancelledError') {
      const { reason, requestedBy, through } = properties;
      return new CancelledError(reason, String(requestedBy), through as readonly string[]);
    }
    if (className === 'DOMException') return domException(message, name, cause);
    const Class = this.#classes.get(className as string);
    if (Class === undefined) return new RemoteError(message, name === 'Error' ? String(className) : name, cause);
    // Without its constructor, which may want other arguments than these.
    const error = new Error(message, cause);
    Object.setPrototypeOf(error, Class.prototype);
    return error;
  }
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}

/** An exception of the platform's own kind, which takes no cause in its constructor. */
export function domException(message: string, name: string, options: ErrorOptions | undefined): Error {
  const error: Error = new DOMException(message, name);
  if (options !== undefined) define(error, 'cause', options.cause, false);
  return error;
}

// Each by its name, since a bundle of a whole module's errors would keep them all, also for those who use none.
const OURS: Readonly<Record<string, ErrorClass>> = {
  BrokenBarrierError,
  BrokenChannelError,
  BrokenLockError,
  CancelledError,
  CleanupTimeoutError,
  ClosedChannelError,
  DeadlockError,
  EndOfChannelError,
  GeneratorExit,
  GroupClosedError,
  NotInTaskError,
  QueueEmptyError,
  QueueFullError,
  QueueShutdownError,
  StopIteration,
  TaskGroupError,
  TimeoutError,
  WouldBlockError,
  NoSuchExportError,
  PoolClosedError,
  RemoteError,
  WorkerLoadError,
  WorkerLostError,
  WorkerUnresponsiveError,
};
const NAMES: ReadonlyMap<unknown, string> = new Map(Object.entries(OURS).map(([name, Class]) => [Class, name]));
const PLATFORM = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError'];

function* known(): Generator<[string, ErrorClass]> {
  const platform = globalThis as unknown as Record<string, ErrorClass | undefined>;
  for (const name of [...PLATFORM, 'AggregateError', 'SuppressedError']) {
    const Class = platform[name];
    if (Class !== undefined) yield [name, Class];
  }
  yield* Object.entries(OURS);
}

const KNOWN: ReadonlyMap<string, ErrorClass> = new Map(known());
