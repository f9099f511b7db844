/* Bodies of every kind that a caller can hand in and that can be read only once. */
import { PassThrough } from 'node:stream';
import { EventFlag, type Source } from '@coloop/core';
import { Multipart } from '../request/body/multipart.ts';
import type { RequestOptions } from '../request/options.ts';

/** A body that gives one chunk and then waits, until it is closed or made to fail. */
export interface Handed {
  readonly options: RequestOptions;
  /** How often it was closed. */
  closed(): number;
  fail(error: unknown): void;
}

/** How a body behaves when it is closed. */
export type Cleanup = () => void;

export const quietly: Cleanup = () => {};
export const loudly: Cleanup = () => {
  throw new Error('CLEANUP');
};

function nodeStream(cleanup: Cleanup): { stream: PassThrough; closed(): number } {
  const stream = new PassThrough();
  const destroy = stream.destroy.bind(stream);
  let closed = 0;
  stream.destroy = (error) => {
    closed += 1;
    destroy(error);
    cleanup();
    return stream;
  };
  stream.write('a');
  return { stream, closed: () => closed };
}

export function source(cleanup: Cleanup): { source: Source<string>; closed(): number; fail(error: unknown): void } {
  const failing = new EventFlag();
  let closed = 0;
  let given = false;
  let failure: unknown;
  return {
    source: {
      *next() {
        if (given) {
          yield* failing.wait();
          throw failure;
        }
        given = true;
        return { done: false, value: 'a' };
      },
      *close() {
        closed += 1;
        cleanup();
      },
    },
    closed: () => closed,
    fail(error) {
      failure = error;
      failing.set();
    },
  };
}

function iterator(cleanup: Cleanup): Handed {
  let closed = 0;
  let given = false;
  let reject: (error: unknown) => void = () => {};
  const body: AsyncIterableIterator<string> = {
    next() {
      if (given) {
        return new Promise((_, no) => {
          reject = no;
        });
      }
      given = true;
      return Promise.resolve({ done: false, value: 'a' });
    },
    async return() {
      closed += 1;
      cleanup();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => body,
  };
  return { options: { body }, closed: () => closed, fail: (error) => reject(error) };
}

export const kinds: readonly [name: string, make: (cleanup: Cleanup) => Handed][] = [
  [
    'a stream of Node',
    (cleanup) => {
      const { stream, closed } = nodeStream(cleanup);
      return { options: { body: stream }, closed, fail: (error) => void stream.emit('error', error) };
    },
  ],
  [
    'a web stream',
    (cleanup) => {
      let closed = 0;
      let controller: ReadableStreamDefaultController | undefined;
      const body = new ReadableStream({
        start: (given) => {
          controller = given;
          given.enqueue('a');
        },
        cancel: () => {
          closed += 1;
          cleanup();
        },
      });
      return { options: { body }, closed: () => closed, fail: (error) => controller?.error(error) };
    },
  ],
  ['an async iterator', iterator],
  [
    'a source',
    (cleanup) => {
      const made = source(cleanup);
      return { ...made, options: { body: made.source } };
    },
  ],
  [
    'a multipart form with a stream and a source',
    (cleanup) => {
      const first = source(cleanup);
      const second = nodeStream(cleanup);
      return {
        options: { multipart: new Multipart().append('one', first.source).append('two', second.stream) },
        // Both or none, so that a half shows.
        closed: () => (first.closed() === second.closed() ? first.closed() : Number.NaN),
        fail: (error) => second.stream.emit('error', error),
      };
    },
  ],
];
