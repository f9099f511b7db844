import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import { ClientProxyConnectionError } from '../errors.ts';
import { CallbackWait } from '../waits.ts';

/** What was understood of the bytes so far, and how many of them it took. */
export interface Understood<T> {
  readonly value: T;
  readonly used: number;
}

/** Says something to the peer of a fresh connection, and waits until its answer is understood. */
export interface Line<T> {
  /** For errors and inspection: `CONNECT through http://proxy:3128`. */
  readonly label: string;
  readonly say: string | Uint8Array;
  /** Undefined: more bytes are needed. Throws where no answer could be right any more. */
  readonly understand: (heard: Buffer) => Understood<T> | undefined;
  /** How many bytes an answer may have. */
  readonly limit: number;
}

/**
 * Carries out one question and answer of a proxy's protocol; bytes after the answer stay on the socket.
 *
 * Cancellation: leaves the socket to its owner, who destroys it.
 *
 * @throws ClientProxyConnectionError where the peer closes, breaks or talks too much, and what `understand` throws.
 */
export function ask<T>(socket: Duplex, line: Line<T>): Operation<T> {
  return new CallbackWait<T>(line.label, (settle) => {
    let heard: Buffer = Buffer.alloc(0);
    // Not by 'readable': a stream that once had such a listener does not flow in the same turn, as TLS inside TLS needs it to.
    const stop = (): void => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError).pause();
    };
    const give = (error: unknown): void => {
      stop();
      settle.fail(error);
    };
    const broken = (why: string, cause?: unknown): void => {
      const code = (cause as NodeJS.ErrnoException | undefined)?.code;
      give(new ClientProxyConnectionError(`${line.label} failed: ${why}`, { code, phase: 'proxy', cause }));
    };
    const onEnd = (): void => broken('the proxy closed the connection before it answered.');
    const onError = (error: Error): void => broken(error.message, error);
    const onData = (chunk: Buffer): void => {
      heard = Buffer.concat([heard, chunk]);
      let understood: Understood<T> | undefined;
      try {
        understood = line.understand(heard);
      } catch (error) {
        give(error);
        return;
      }
      if (understood !== undefined) {
        stop();
        if (understood.used < heard.length) socket.unshift(heard.subarray(understood.used));
        settle.wake(understood.value);
      } else if (heard.length > line.limit) {
        broken(`the proxy answered with more than ${line.limit} bytes.`);
      }
    };
    // It may have broken while the task waited for its turn; nothing tells of that a second time.
    if (socket.destroyed) {
      onEnd();
      return stop;
    }
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError).resume();
    socket.write(line.say);
    return stop;
  });
}
