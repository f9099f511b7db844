/* One question and one reply on a new connection: all proxy protocols are made of such steps. */
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import { ClientProxyConnectionError, ClientSslError } from '../errors.ts';
import { CallbackWait } from '../waits.ts';
import { explainTls, isTlsFailure } from './tls-advice.ts';

/** A complete reply, and how many bytes it took. */
export interface Parsed<T> {
  readonly value: T;
  readonly used: number;
}

/** One question to the peer of a new connection, and how its reply is read. */
export interface HandshakeStep<T> {
  /** For errors and inspection: `CONNECT through http://proxy:3128`. */
  readonly label: string;
  readonly send: string | Uint8Array;
  /** Reads the reply from all bytes so far. Undefined: more bytes are needed. Throws if no reply can begin like this. */
  readonly parse: (bytes: Buffer) => Parsed<T> | undefined;
  /** How many bytes a reply may have. */
  readonly limit: number;
}

/**
 * Sends one question of a proxy's protocol and waits for the reply; bytes after the reply stay on the socket.
 *
 * Cancellation: leaves the socket as it is; its owner destroys it.
 *
 * @throws ClientProxyConnectionError if the peer closes, breaks or sends too much, and what `parse` throws.
 */
export function runStep<T>(socket: Duplex, step: HandshakeStep<T>): Operation<T> {
  return new CallbackWait<T>(step.label, (settle) => {
    let received: Buffer = Buffer.alloc(0);
    // Not by 'readable': a stream that once had such a listener does not flow in the same turn, as TLS inside TLS needs it to.
    const stop = (): void => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError).pause();
    };
    const fail = (error: unknown): void => {
      stop();
      settle.fail(error);
    };
    const broken = (why: string, cause?: unknown): void => {
      const code = (cause as NodeJS.ErrnoException | undefined)?.code;
      fail(new ClientProxyConnectionError(`${step.label} failed: ${why}`, { code, phase: 'proxy', cause }));
    };
    const onEnd = (): void => broken('the proxy closed the connection before it answered.');
    const onError = (error: Error): void => {
      if (isTlsFailure(error)) broken(`TLS: ${explainTls(error, 'proxy')}`, lateTlsError(error));
      else broken(error.message, error);
    };
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      let parsed: Parsed<T> | undefined;
      try {
        parsed = step.parse(received);
      } catch (error) {
        fail(error);
        return;
      }
      if (parsed !== undefined) {
        stop();
        if (parsed.used < received.length) socket.unshift(received.subarray(parsed.used));
        settle.wake(parsed.value);
      } else if (received.length > step.limit) {
        broken(`the proxy answered with more than ${step.limit} bytes.`);
      }
    };
    // The socket may have broken before the task had its turn: no event tells of that a second time.
    if (socket.destroyed) {
      onEnd();
      return stop;
    }
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError).resume();
    socket.write(step.send);
    return stop;
  });
}

/** The proxy's own TLS failed after its handshake. */
function lateTlsError(error: NodeJS.ErrnoException): ClientSslError {
  return new ClientSslError(`TLS with the proxy failed: ${explainTls(error, 'proxy')}`, {
    code: error.code,
    phase: 'proxy',
    cause: error,
  });
}
