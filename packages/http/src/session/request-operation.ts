/*
 * What a verb of a session answers. The generator that performs a request is this operation itself: its methods lie on the
 * prototype of those generators, so that a request that is awaited as ever costs no object more.
 */
import type { Operation } from '@coloop/core';
import { keepShape } from '@coloop/core/lowlevel';
import { raised } from '../middleware/raise-for-status.ts';
import type { JsonOptions } from '../response/json.ts';
import type { Response } from '../response/response.ts';

/**
 * A request that begins when it is awaited: as an operation it gives the response, and its methods read the body as well.
 *
 * `json`, `text` and `bytes` make the request, read the whole body, and release the response on every exit. A status of 400
 * and above is no error unless it is asked for: by `raiseForStatus()` here, or by the option of that name.
 *
 * Cancellation: destroys the connection if the request is on one, at once.
 *
 * Throws: what `session.request` throws, and the errors of reading; TypeError at a second use, since a request runs once.
 *
 * @example
 * ```ts
 * import { Session } from '@coloop/http';
 * import { simulate } from '@coloop/http/testing';
 *
 * await simulate(function* (net) {
 *   net.serve('http://api.test', () => ({ json: { name: 'Ada' } }));
 *   const session = yield* Session.open({ baseUrl: 'http://api.test' });
 *   const user = yield* session.get('/users/1').raiseForStatus().json<{ name: string }>();
 *   console.log(user.name); //> Ada
 * });
 * ```
 * Source of the semantics: ky's ResponsePromise.
 */
export interface RequestOperation extends Operation<Response> {
  /** The body as JSON; the same as `response.json(options)`. */
  json<T = unknown>(options?: JsonOptions<T>): Operation<T>;
  /** The body as text; the same as `response.text(encoding)`. */
  text(encoding?: string): Operation<string>;
  /** The body as bytes. */
  bytes(): Operation<Uint8Array<ArrayBuffer>>;
  /** The same request, for which a status of 400 and above is a ClientResponseError that shows the beginning of the body. */
  raiseForStatus(): RequestOperation;
}

/** Set on what was begun: a word within the generator, since V8 keeps room for it there. */
const BEGUN = Symbol('begun');

interface Once extends Operation<unknown> {
  [BEGUN]?: boolean;
}

/** What every generator here is given: it runs once, and says so if it is run again. */
const ONCE: ThisType<Once> & PropertyDescriptorMap = {
  [Symbol.iterator]: {
    value(): unknown {
      if (this[BEGUN] === true) {
        throw new TypeError(
          'The request was used a second time. A request runs once: make a new one for every yield*, ' +
            'or share its result with `const task = spawn(request)` and `yield* task`.',
        );
      }
      this[BEGUN] = true;
      return this;
    },
  },
};

const METHODS: ThisType<Operation<Response>> & PropertyDescriptorMap = {
  json: {
    value(options?: JsonOptions<unknown>): Operation<unknown> {
      return reading(this, (response) => response.json(options));
    },
  },
  text: {
    value(encoding?: string): Operation<string> {
      return reading(this, (response) => response.text(encoding));
    },
  },
  bytes: {
    value(): Operation<Uint8Array> {
      return reading(this, (response) => response.bytes());
    },
  },
  raiseForStatus: {
    value(): Operation<Response> {
      return raising(this);
    },
  },
  [Symbol.toStringTag]: { value: 'RequestOperation' },
};

type Maker = ((...args: never[]) => Operation<unknown>) & { readonly prototype: object };

/** Gives the generators of a function the methods of a {@link RequestOperation}. */
export function makesRequests(make: Maker): void {
  runsOnce(make, METHODS);
}

function runsOnce(make: Maker, methods?: PropertyDescriptorMap): void {
  Object.defineProperties(make.prototype, { ...ONCE, ...methods });
  // One that was begun is a shape of its own, and never runs here: its body starts at the first step.
  const sample = (make as () => Operation<unknown>)();
  sample[Symbol.iterator]();
  keepShape(sample);
}

function* reading<T>(request: Operation<Response>, read: (response: Response) => Operation<T>): Operation<T> {
  const response = yield* request;
  try {
    return yield* read(response);
  } finally {
    response[Symbol.dispose]();
  }
}

function* raising(request: Operation<Response>): Operation<Response> {
  return yield* raised(yield* request);
}

runsOnce(reading);
makesRequests(raising);
