/* Server-sent events as a source, across lost connections. */
import { EventFlag, isCancelled, type Operation, race, type Source, sleep } from '@coloop/core';
import { Acquisition, acquisition, type GivesBack } from '@coloop/core/lowlevel';
import { SingleReader } from '../bytes/single-reader.ts';
import { checkCount, checkMilliseconds, checkNames, checkText, invalidOption, own } from '../checks.ts';
import { extractContentType } from '../decode/content-type.ts';
import {
  AddressNotAllowedError,
  ClientConnectionError,
  ClientPayloadError,
  ClientResponseError,
  ContentTypeError,
  LimitExceededError,
} from '../errors.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Response } from '../response/response.ts';
import { EventStreamParser, type ServerSentEvent } from './parser.ts';

/** How a stream of events goes on after its connection is lost. */
export interface ReconnectOptions {
  /**
   * Milliseconds before the first try, until the server says otherwise. Default 3,000. The server cannot make it less than 100,
   * or than this where this is less.
   */
  readonly delay?: number | undefined;
  /** The longest wait between tries, in milliseconds, also where the server asks for more. Default 30,000. */
  readonly maxDelay?: number | undefined;
  /** How many tries in a row may fail before the error is thrown. Default: no end. */
  readonly attempts?: number | undefined;
}

/** How events are received. */
export interface EventsOptions {
  /** False: the end of the connection is the end of the events. */
  readonly reconnect?: false | ReconnectOptions | undefined;
  /** The id to begin after, as kept from an earlier run. */
  readonly lastEventId?: string | undefined;
  /** The longest event, in characters. Default 104,857,600. */
  readonly maxEventSize?: number | undefined;
}

/** Asks for the stream: with Accept, Cache-Control and, after the first event with an id, Last-Event-ID. */
export type OpenEvents = (headers: Readonly<Record<string, string>>) => Operation<Response>;

/**
 * The events of a server, across lost connections: each new one says the last id, so that nothing is given twice or
 * left out.
 *
 * A response of 204 ends the events; any other that is not an event stream is an error, and so is a first connection that
 * fails.
 *
 * Cancellation: a cancelled `next()` loses no event; `close()` releases the connection.
 *
 * @throws ClientResponseError, ContentTypeError, LimitExceededError (from `next`)
 *
 * Source: the HTML standard, section 9.2 ("Server-sent events").
 */
export class EventsSource implements Source<ServerSentEvent> {
  readonly #open: OpenEvents;
  readonly #reconnect: Required<{ [K in keyof ReconnectOptions]: number }> | null;
  readonly #most: number;
  #lastEventId: string;
  #delay: number;
  #failures = 0;
  #connected = false;
  #response: Response | undefined;
  #chunks: Source<Uint8Array> | undefined;
  #parser: EventStreamParser;
  #decoder = streamDecoder();
  #events: ServerSentEvent[] = [];
  #closed = false;
  /** Ends what a task that reads waits for, when another one closes. */
  #closing: EventFlag | undefined;
  readonly #reader = new SingleReader(eventsBusy);
  readonly #held = new HeldEvents(() => this.close());

  constructor(open: OpenEvents, options: EventsOptions = {}) {
    this.#open = open;
    checkNames('session.events', options, EVENTS_OPTIONS);
    const reconnect = own(options, 'reconnect');
    this.#reconnect = reconnect === false ? null : settingsOf(reconnect);
    this.#delay = this.#reconnect?.delay ?? 0;
    this.#most = checkCount('events.maxEventSize', own(options, 'maxEventSize'), DEFAULT_LIMITS.buffered);
    this.#lastEventId = checkText('events.lastEventId', own(options, 'lastEventId')) ?? '';
    this.#parser = new EventStreamParser(this.#most, this.#lastEventId);
  }

  /** The id of the last event that carried one. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  next(): Operation<IteratorResult<ServerSentEvent, void>> {
    return this.#reader.run(() => this.#next());
  }

  *#next(): Operation<IteratorResult<ServerSentEvent, void>> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) {
        this.#lastEventId = event.lastEventId;
        return { done: false, value: event };
      }
      if (this.#closed) return { done: true, value: undefined };
      try {
        if (this.#chunks === undefined) yield* this.#connect();
        else yield* this.#read(this.#chunks);
      } catch (error) {
        if (!this.#closed) yield* this.#lost(error);
        else if (isCancelled(error)) throw error;
      }
    }
  }

  *close(): Operation<void> {
    this.#closed = true;
    this.#events = [];
    this.#closing?.set();
    this.#held.over();
    yield* this.#release();
  }

  /** @internal */
  get [acquisition](): GivesBack {
    return this.#held;
  }

  /** Does this, unless the source is closed meanwhile. */
  *#unlessClosed(work: Operation<void>): Operation<void> {
    this.#closing ??= new EventFlag();
    yield* race([work, this.#closing.wait()]);
  }

  /** The response belongs to this source, whatever becomes of the task that reads it first. */
  *#ask(headers: Readonly<Record<string, string>>): Operation<void> {
    const response = yield* this.#open(headers);
    HeldEvents.of(response)?.heldBy(null);
    this.#response = response;
  }

  *#connect(): Operation<void> {
    const headers: Record<string, string> = { Accept: 'text/event-stream', 'Cache-Control': 'no-cache' };
    const { lastEventId } = this.#parser;
    // An id that no header can carry is left out: the server sends what it sends to a reader that knows of nothing.
    if (lastEventId !== '' && !CONTROL.test(lastEventId)) headers['Last-Event-ID'] = utf8InLatin1(lastEventId);
    // A response is there already if a cancel came in its turn: nothing is lost by that.
    if (this.#response === undefined) yield* this.#unlessClosed(this.#ask(headers));
    const response = this.#response;
    if (this.#closed || response === undefined) return yield* this.#release();
    if (response.status === 204) return yield* this.close();
    if (response.status !== 200) throw refusal(response);
    const type = extractContentType(response.headers.get('content-type') ?? '');
    if (type?.essence !== 'text/event-stream') throw wrongType(response);
    this.#connected = true;
    this.#failures = 0;
    this.#chunks = response.chunks();
    this.#decoder = streamDecoder();
    this.#parser = new EventStreamParser(this.#most, this.#parser.lastEventId);
  }

  *#read(chunks: Source<Uint8Array>): Operation<void> {
    const chunk = yield* chunks.next();
    if (!chunk.done) {
      this.#events = this.#parser.push(this.#decoder.decode(chunk.value, { stream: true }));
      const { retry } = this.#parser;
      if (retry !== undefined && this.#reconnect !== null) this.#delay = delayOf(retry, this.#reconnect);
      return;
    }
    yield* this.#release();
    if (this.#reconnect === null) this.#closed = true;
    else yield* this.#unlessClosed(sleep(this.#delay));
  }

  /** A connection failed or broke: waits for the next try, or throws. */
  *#lost(error: unknown): Operation<void> {
    const settings = this.#reconnect;
    const passing = isPassing(error) && this.#connected;
    // Not for a cancel, which says nothing about the connection: the next call goes on.
    if (error instanceof Error && (passing || isOurs(error))) yield* this.#release();
    if (!passing || settings === null) throw error;
    this.#failures++;
    if (this.#failures > settings.attempts) throw error;
    yield* this.#unlessClosed(sleep(delayOf(this.#delay * 2 ** (this.#failures - 1), settings)));
  }

  *#release(): Operation<void> {
    const response = this.#response;
    this.#response = undefined;
    this.#chunks = undefined;
    if (response !== undefined) yield* response.release();
  }
}

/** A source of events as what a branch has acquired. */
class HeldEvents extends Acquisition {
  readonly run: () => Operation<void>;

  constructor(close: () => Operation<void>) {
    super();
    this.run = close;
    this.heldBy();
  }

  /** That of a response, which another source may have been made of. */
  static of(response: Response): Acquisition | undefined {
    const held: unknown = acquisition in response ? response[acquisition] : undefined;
    return held instanceof Acquisition ? held : undefined;
  }
}

/** The options of a stream of events, by name. */
export const EVENTS_OPTIONS: readonly (keyof EventsOptions)[] = ['reconnect', 'lastEventId', 'maxEventSize'];
const RECONNECT_OPTIONS: readonly (keyof ReconnectOptions)[] = ['delay', 'maxDelay', 'attempts'];

function settingsOf(options: ReconnectOptions = {}): Required<{ [K in keyof ReconnectOptions]: number }> {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption(
      'events.reconnect',
      options,
      'give false for no reconnecting, or an object, as in { attempts: 3 }',
    );
  }
  checkNames('reconnect', options, RECONNECT_OPTIONS);
  return {
    delay: checkMilliseconds('reconnect.delay', own(options, 'delay'), 3_000),
    maxDelay: checkMilliseconds('reconnect.maxDelay', own(options, 'maxDelay'), 30_000),
    attempts: checkCount('reconnect.attempts', own(options, 'attempts'), Number.POSITIVE_INFINITY),
  };
}

/** No server makes a wait longer than the caller lets it be, or so short that its readers do nothing but connect. */
function delayOf(asked: number, { delay, maxDelay }: Required<{ [K in keyof ReconnectOptions]: number }>): number {
  return Math.min(Math.max(asked, Math.min(delay, SHORTEST_DELAY)), Math.max(delay, maxDelay));
}

/** Firefox waits for 500 ms at least; Chromium as long as the server says. */
const SHORTEST_DELAY = 100;

const CONTROL = /[^\t\x20-\x7e\x80-\uffff]/;

function isPassing(error: unknown): boolean {
  if (error instanceof LimitExceededError || error instanceof AddressNotAllowedError) return false;
  return error instanceof ClientConnectionError || error instanceof ClientPayloadError;
}

function isOurs(error: Error): boolean {
  return error instanceof ClientResponseError || error instanceof LimitExceededError;
}

function eventsBusy(): ClientPayloadError {
  return new ClientPayloadError(
    'The events are being received by another task: let one task receive them, and pass them on through a broadcast or a channel.',
    { code: 'BODY_BUSY' },
  );
}

function refusal(response: Response): ClientResponseError {
  const { status, headers, history } = response;
  return new ClientResponseError(
    `The response of ${response.url} has the status ${status} instead of 200 with an event stream: check the address and the credentials.`,
    {
      status,
      headers,
      history,
    },
  );
}

function wrongType(response: Response): ContentTypeError {
  const { status, headers, history } = response;
  return new ContentTypeError(
    `The response of ${response.url} has the content type ${JSON.stringify(headers.get('content-type'))} instead of text/event-stream: check the address.`,
    { status, headers, history },
  );
}

// The parser takes the byte order mark off: there may be one, and not two.
function streamDecoder(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true });
}

// The standard sends the id as UTF-8, and a header is written with one byte per character.
function utf8InLatin1(text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return text;
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}
