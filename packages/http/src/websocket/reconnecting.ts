/*
 * A WebSocket that is opened again when its connection is lost: one task opens a connection, sends what waits in the outbox,
 * and hands on what comes. A message leaves the outbox when the peer has answered a ping that was sent after it.
 */
import { attempt, channel, EventFlag, group, moveOnAfter, type Operation, type Source, sleep } from '@coloop/core';
import { checkCount, checkMilliseconds, checkNames, invalidOption, own } from '../checks.ts';
import {
  AddressNotAllowedError,
  ClientConnectionError,
  LimitExceededError,
  ServerDisconnectedError,
  WebSocketHandshakeError,
} from '../errors.ts';
import { showAs } from '../inspect.ts';
import type { JsonOptions } from '../response/json.ts';
import { type BaseWebSocket, BROKEN, checkClose, checkMessage, type WebSocketMessage } from './base.ts';
import { jsonMessage, parsedMessage } from './json.ts';

/** How a WebSocket goes on after its connection is lost. */
export interface WebSocketReconnectOptions {
  /** Milliseconds before the first try; each one after it waits twice as long. Default 500. */
  readonly delay?: number | undefined;
  /** The longest wait between tries, in milliseconds. Default 30,000. */
  readonly maxDelay?: number | undefined;
  /** How many tries in a row may fail before the error is thrown. Default: no end. */
  readonly attempts?: number | undefined;
  /** How many messages wait for the peer's confirmation before `send` waits. Default 64. */
  readonly outbox?: number | undefined;
}

const RECONNECT_OPTIONS: readonly (keyof WebSocketReconnectOptions)[] = ['delay', 'maxDelay', 'attempts', 'outbox'];

/** The same with every field filled in. */
export interface ReconnectSettings {
  readonly delay: number;
  readonly maxDelay: number;
  readonly attempts: number;
  readonly outbox: number;
}

/** @throws InvalidOptionError */
export function reconnectSettings(given: true | WebSocketReconnectOptions): ReconnectSettings {
  const options = given === true ? {} : given;
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('reconnect', given, 'give true, false, or an object, as in { delay: 500 }');
  }
  checkNames('session.ws: reconnect', options, RECONNECT_OPTIONS);
  return {
    delay: checkMilliseconds('reconnect.delay', own(options, 'delay'), 500),
    maxDelay: checkMilliseconds('reconnect.maxDelay', own(options, 'maxDelay'), 30_000),
    attempts: checkCount('reconnect.attempts', own(options, 'attempts'), Number.POSITIVE_INFINITY),
    outbox: checkCount('reconnect.outbox', own(options, 'outbox'), 64),
  };
}

/** What this needs of a session. */
export interface Reconnecting {
  open(): Operation<BaseWebSocket>;
  /** Runs a task that ends with the session. */
  run(body: Operation<void>): { cancel(reason?: unknown): Operation<boolean> };
  /** How long `close()` waits, in milliseconds. */
  readonly closeTimeout: number;
}

/** After these no other connection would do better: RFC 6455, section 7.4.1. */
const FINAL: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010]);
const NORMAL = 1000;

/** How many messages go out before the peer is asked whether it has them. */
const UNCONFIRMED = 16;

type SentMessage = string | Uint8Array | ArrayBuffer;

/**
 * A conversation in messages across lost connections: a source of what comes, and a place to send to.
 *
 * **At least once**: what was sent is kept until the peer confirms it, by answering a ping, and is sent again on the next
 * connection if it did not; so a message may reach the peer twice. What the peer's WebSocket has confirmed, its program may not
 * have read yet. (In browsers, which cannot ping, it counts as confirmed when
 * the platform has taken it.) What the peer sent while there was no connection is lost. Messages that no task reads hold the
 * connection up, as with any WebSocket.
 *
 * It ends when the peer closes with 1000, and with an error after a handshake that is refused with 4xx, after 1008 and the codes
 * for a broken protocol, and when `attempts` tries in a row have failed.
 */
export class ReconnectingWebSocket implements Source<WebSocketMessage> {
  readonly #settings: ReconnectSettings;
  readonly #session: Reconnecting;
  readonly #incoming = channel<WebSocketMessage>();
  readonly #outbox: SentMessage[] = [];
  /** Set while there is something to send. */
  readonly #work = new EventFlag();
  /** Set while there is room. */
  readonly #room = new EventFlag();
  /** Set while everything is confirmed. */
  readonly #empty = new EventFlag();
  readonly #conversation: { cancel(reason?: unknown): Operation<boolean> };
  #socket: BaseWebSocket;
  #failures = 0;
  #connections = 1;
  #closed = false;
  #failure: { readonly error: unknown } | null = null;

  /** @internal */
  constructor(first: BaseWebSocket, settings: ReconnectSettings, session: Reconnecting) {
    this.#socket = first;
    this.#settings = settings;
    this.#session = session;
    this.#empty.set();
    this.#room.set();
    this.#conversation = session.run(this.#run());
  }

  /** How many connections there were, the first one counted. */
  get connections(): number {
    return this.#connections;
  }

  /** How many messages wait for the peer's confirmation. */
  get unconfirmed(): number {
    return this.#outbox.length;
  }

  /** True once there will be no other connection. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The subprotocol that the server chose; empty without one. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /**
   * The next message, from whatever connection; the end where the peer closed with 1000, or it was closed here.
   *
   * Cancellation: loses nothing.
   *
   * @throws what ended it: see the class
   */
  *next(): Operation<IteratorResult<WebSocketMessage, void>> {
    const r = yield* this.#incoming.receiver.next();
    if (r.done && this.#failure !== null) throw this.#failure.error;
    return r;
  }

  /**
   * The next message, where one is expected.
   *
   * @throws ServerDisconnectedError if it has ended, and the errors of {@link next}
   */
  *receive(): Operation<WebSocketMessage> {
    const message = yield* this.next();
    if (!message.done) return message.value;
    throw ended();
  }

  /** The next message as JSON; see `WebSocket.receiveJson`. */
  *receiveJson<T = unknown>(options: Pick<JsonOptions<T>, 'schema'> = {}): Operation<T> {
    return yield* parsedMessage(yield* this.receive(), options, {});
  }

  /**
   * Puts a message into the outbox, connected or not; waits while that is full.
   *
   * Cancellation: while it waits, nothing is sent.
   *
   * @throws InvalidOptionError if the message is neither text nor bytes; what ended it, after the end
   */
  *send(data: SentMessage): Operation<void> {
    checkMessage(data);
    for (this.#checkOpen(); this.#outbox.length >= this.#settings.outbox; this.#checkOpen()) {
      this.#room.clear();
      yield* this.#room.wait();
    }
    // Memory of the caller's may be used again before it is sent a second time.
    this.#outbox.push(typeof data === 'string' ? data : new Uint8Array(data as Uint8Array).slice());
    this.#empty.clear();
    this.#work.set();
  }

  /** Sends a value as JSON; see `WebSocket.sendJson`. */
  sendJson(value: unknown): Operation<void> {
    return this.send(jsonMessage(value));
  }

  /** Waits until the peer has confirmed everything that was sent. */
  *confirmed(): Operation<void> {
    yield* this.#empty.wait();
    if (this.#outbox.length > 0) this.#checkOpen();
  }

  /**
   * Closes the connection, once what waits is confirmed, or after `closeTimeout`; there will be no other one.
   *
   * @throws InvalidOptionError for a code or reason that cannot be sent
   */
  *close(code: number = NORMAL, reason = ''): Operation<void> {
    checkClose(code, reason);
    if (this.#closed) return;
    yield* moveOnAfter(this.#session.closeTimeout, this.#empty.wait());
    yield* this.#conversation.cancel('the WebSocket was closed');
    this.#end(null);
    yield* this.#socket.close(code, reason);
  }

  /** One connection after the other. */
  *#run(): Operation<void> {
    const kept = yield* attempt(this.#conversations());
    this.#end(kept.ok ? null : { error: kept.error });
  }

  *#conversations(): Operation<void> {
    for (;;) {
      const talked = yield* attempt(this.#converse(this.#socket));
      const code = this.#socket.closeCode;
      if (talked.ok && (code === NORMAL || code === undefined)) return;
      const error = talked.ok ? disconnected(code) : talked.error;
      if ((code !== undefined && FINAL.has(code)) || !isPassing(error)) throw error;
      this.#socket = yield* this.#reopen(error);
      this.#connections++;
    }
  }

  *#converse(socket: BaseWebSocket): Operation<void> {
    const talked = yield* attempt(
      group((g) => {
        // What breaks it ends the reader too, and that one knows why.
        g.spawn(attempt(this.#sendAll(socket)), { daemon: true, name: 'outbox' });
        return this.#receiveAll(socket);
      }),
    );
    if (!talked.ok) throw talked.error instanceof AggregateError ? talked.error.cause : talked.error;
  }

  *#receiveAll(socket: BaseWebSocket): Operation<void> {
    for (let r = yield* socket.next(); !r.done; r = yield* socket.next()) {
      this.#failures = 0;
      yield* this.#incoming.sender.send(r.value);
    }
  }

  /** Sends what waits, all of it once more on a new connection. */
  *#sendAll(socket: BaseWebSocket): Operation<never> {
    let sent = 0;
    for (;;) {
      if (sent < this.#outbox.length && sent < UNCONFIRMED) {
        yield* socket.send(this.#outbox[sent] as SentMessage);
        sent++;
      } else if (sent > 0) {
        yield* confirm(socket);
        this.#confirmed(sent);
        sent = 0;
      } else {
        this.#work.clear();
        yield* this.#work.wait();
      }
    }
  }

  #confirmed(count: number): void {
    this.#failures = 0;
    this.#outbox.splice(0, count);
    this.#room.set();
    if (this.#outbox.length === 0) this.#empty.set();
  }

  *#reopen(lost: unknown): Operation<BaseWebSocket> {
    const { delay, maxDelay, attempts } = this.#settings;
    for (let error = lost; ; ) {
      this.#failures++;
      if (this.#failures > attempts) throw error;
      yield* sleep(Math.min(delay * 2 ** (this.#failures - 1), Math.max(delay, maxDelay)));
      const opened = yield* attempt(this.#session.open());
      if (opened.ok) return opened.value;
      error = opened.error;
      if (!isPassing(error)) throw error;
    }
  }

  #end(failure: { readonly error: unknown } | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failure = failure;
    this.#incoming.sender.close();
    this.#room.set();
    this.#empty.set();
  }

  #checkOpen(): void {
    if (this.#closed) throw this.#failure?.error ?? ended();
  }

  static {
    showAs(ReconnectingWebSocket, 'ReconnectingWebSocket', ({ protocol, closed, connections, unconfirmed }) => ({
      state: closed ? 'closed' : 'open',
      protocol,
      connections,
      unconfirmed,
    }));
  }
}

/** Asks the peer for a sign that it has what came before. */
function* confirm(socket: BaseWebSocket): Operation<void> {
  const answered = yield* attempt(socket.ping());
  if (answered.ok) return;
  const { code } = answered.error as { code?: unknown };
  if (code !== 'NOT_AVAILABLE') throw answered.error;
}

/** Whether another connection may do better. */
function isPassing(error: unknown): boolean {
  if (error instanceof WebSocketHandshakeError) return error.status >= 500;
  if (error instanceof LimitExceededError || error instanceof AddressNotAllowedError) return false;
  return error instanceof ClientConnectionError;
}

function disconnected(code: number = BROKEN): ServerDisconnectedError {
  return new ServerDisconnectedError(`The WebSocket was closed by its peer with the code ${code}: open another one.`, {
    code: 'WEBSOCKET_CLOSED',
  });
}

function ended(): ServerDisconnectedError {
  return new ServerDisconnectedError('The WebSocket cannot be used any more: it is closed. Open another one.', {
    code: 'WEBSOCKET_CLOSED',
  });
}
