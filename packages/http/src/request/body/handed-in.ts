/* What a caller handed in for the body of one request, from the call on. */
import type { Operation } from '@coloop/core';
import { own } from '../../checks.ts';
import { isStream, type StreamInput } from './chunks.ts';
import { Multipart } from './multipart.ts';
import { closeQuietly, type OwnedStream, spent, takeStream } from './owned-stream.ts';

/** The options that a stream may be in. */
interface Handed {
  readonly body?: unknown;
  readonly multipart?: unknown;
}

/**
 * Takes all streams among the options of a request; null where there are none, as for nearly every request.
 *
 * @param kept - whether several requests may try to send them in turn; then their owner closes them, and not the first one
 */
export function handedIn(options: Handed, kept = false): HandedIn | null {
  if (typeof options !== 'object' || options === null) return null;
  const streams = streamsOf(options);
  return streams.length === 0 ? null : (passed.get(options) ?? new HandedIn(streams, kept));
}

/** The options of requests whose streams an earlier call has taken. */
const passed = new WeakMap<Handed, HandedIn>();

/** Lets a request with these options have what was taken at an earlier call; they are the same ones. */
export function passOn<O extends Handed>(handed: HandedIn | null, options: O): O {
  if (handed !== null) passed.set(options, handed);
  return options;
}

function streamsOf(options: Handed): readonly StreamInput[] {
  const body = own(options, 'body');
  const multipart = own(options, 'multipart');
  const parts = multipart instanceof Multipart ? multipart.parts() : [];
  const streams = parts.flatMap(({ value }) => (isStream(value) ? [value] : []));
  return isStream(body) ? [...streams, body] : streams;
}

/** The streams of one request, until each is closed: by the pass that sends it, or here where there was none. */
export class HandedIn {
  readonly #streams = new Map<StreamInput, OwnedStream>();
  /** Why one of them cannot be sent. */
  #refusal: { readonly error: unknown } | undefined;
  #failed: ((error: unknown) => void) | undefined;
  readonly #kept: boolean;

  constructor(streams: readonly StreamInput[], kept: boolean) {
    this.#kept = kept;
    for (const stream of streams) {
      try {
        if (this.#streams.has(stream)) throw spent();
        this.#streams.set(
          stream,
          takeStream(stream, (error) => this.#streamFailed(error)),
        );
      } catch (error) {
        this.#refusal ??= { error };
      }
    }
  }

  /**
   * The stream as it was taken.
   *
   * @throws what keeps one of them from being sent
   */
  of(stream: StreamInput): OwnedStream {
    if (this.#refusal !== undefined) throw this.#refusal.error;
    const taken = this.#streams.get(stream) as OwnedStream;
    // Closed before it was sent, with an earlier request: it would be an empty body.
    if (taken.closed) throw spent();
    return taken;
  }

  /** @param failed - called when one of them fails by itself, also before it is sent */
  watch(failed: (error: unknown) => void): void {
    this.#failed = failed;
  }

  #streamFailed(error: unknown): void {
    // Until the request is awaited nobody can be told.
    if (this.#failed === undefined) this.#refusal ??= { error };
    else this.#failed(error);
  }

  /** A request with them has ended. */
  *ended(): Operation<void> {
    if (!this.#kept) yield* this.close();
  }

  /** Closes those that no pass has begun to send. */
  *close(): Operation<void> {
    for (const stream of this.#streams.values()) if (!stream.begun) yield* closeQuietly(stream);
  }

  /** The same where nobody can wait for it. */
  closeNowait(): void {
    for (const stream of this.#streams.values()) {
      try {
        stream.closeNowait();
      } catch {
        // Its request was refused, and that is what is told.
      }
    }
  }
}
