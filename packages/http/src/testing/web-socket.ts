/* The server's end of a WebSocket, for the handlers of simulated servers and of real ones. */
import { createHash } from 'node:crypto';
import { moveOnAfter, type Operation, Queue, type Source, spawn } from '@coloop/core';
import { checkOperation, show } from '@coloop/core/lowlevel';
import { checkNames, invalidOption, own } from '../checks.ts';
import { PeerGoneError } from './connection.ts';
import { FrameReader, frameOf, OPCODE } from './web-socket-frames.ts';

/** The request that a WebSocket begins with. */
export interface PeerRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
}

/** How a server agrees to a WebSocket. */
export interface PeerOptions {
  /** The subprotocols that it speaks: the first of them that the client offers is chosen. */
  readonly protocols?: readonly string[] | undefined;
}

/** A conversation with a client, as a coroutine of the server. */
export type PeerScript = (peer: WebSocketPeer) => Operation<void>;

/** What a handler answers with in order to speak WebSocket; {@link webSocket} makes it. */
export class WebSocketConversation {
  /** @internal */
  readonly script: PeerScript;
  /** @internal */
  readonly protocols: readonly string[];

  /** @internal */
  constructor(script: PeerScript, protocols: readonly string[]) {
    this.script = script;
    this.protocols = protocols;
  }
}

/**
 * Makes a handler's answer that speaks WebSocket: the script is the server's part of the conversation, which is closed when
 * the script returns. A request that asks for no WebSocket is answered with 426.
 *
 * Pings are answered while the script does something else. The script is cancelled when the client breaks the connection; an
 * error that it throws breaks it, and fails the test.
 *
 * @example
 * ```ts
 * import { forEach } from '@coloop/core';
 * import { Session } from '@coloop/http';
 * import { simulate, webSocket } from '@coloop/http/testing';
 *
 * await simulate(function* (net) {
 *   net.serve('http://chat.test', () =>
 *     webSocket(function* (peer) {
 *       yield* forEach(peer, (message) => peer.send(`you said ${message}`));
 *     }),
 *   );
 *   const session = yield* Session.open();
 *   const socket = yield* session.ws('ws://chat.test/');
 *   yield* socket.send('hello');
 *   console.log(yield* socket.receive()); //> you said hello
 *   yield* socket.close();
 * });
 * ```
 * Source: RFC 6455.
 */
export function webSocket(script: PeerScript, options: PeerOptions = {}): WebSocketConversation {
  checkOperation(WEB_SOCKET, script);
  checkNames('webSocket', options, ['protocols']);
  const protocols: unknown = own(options, 'protocols') ?? [];
  if (!Array.isArray(protocols) || !protocols.every((name): name is string => typeof name === 'string')) {
    throw invalidOption('protocols', protocols, "give a list of names, as in ['chat']");
  }
  return new WebSocketConversation(script, protocols);
}

const WEB_SOCKET = 'webSocket(…)';

/** The bytes that a conversation goes over. */
export interface ByteConnection {
  /** All bytes that have come; undefined at their end. */
  read(): Operation<Uint8Array | undefined>;
  write(bytes: Uint8Array): Operation<void>;
  /** Breaks the connection. */
  reset(): void;
}

type Message = string | Uint8Array;

/** The server's end of a WebSocket: a source of what the client says. */
export class WebSocketPeer implements Source<Message> {
  /** The request that it began with. */
  readonly request: PeerRequest;
  /** The subprotocol that was chosen; empty without one. */
  readonly protocol: string;
  readonly #connection: ByteConnection;
  readonly #messages = new Queue<Message | undefined>();
  readonly #frames = new FrameReader();
  #parts: Uint8Array[] = [];
  #isText = false;
  #closeCode: number | undefined;
  #closeReason = '';
  #closeSent = false;
  /** Whether it was the client that closed. */
  #clientClosed = false;
  #ended = false;

  /** @internal */
  constructor(connection: ByteConnection, request: PeerRequest, protocol: string) {
    this.#connection = connection;
    this.request = request;
    this.protocol = protocol;
  }

  /** The code with which the client has closed; undefined before. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** The reason that the client gave for closing. */
  get closeReason(): string {
    return this.#closeReason;
  }

  /** The next message; the end when the client has closed. */
  *next(): Operation<IteratorResult<Message, void>> {
    if (this.#ended && this.#messages.empty) return { done: true, value: undefined };
    const message = yield* this.#messages.get();
    return message === undefined ? { done: true, value: undefined } : { done: false, value: message };
  }

  /**
   * The next message, where one is expected.
   *
   * @throws PeerGoneError if the client has closed instead
   */
  *receive(): Operation<Message> {
    const next = yield* this.next();
    if (!next.done) return next.value;
    throw new PeerGoneError(this.request.target);
  }

  /**
   * Sends text, or bytes.
   *
   * @throws PeerGoneError if the client has closed
   */
  send(data: string | Uint8Array): Operation<void> {
    if (typeof data === 'string') return this.#write(OPCODE.text, Buffer.from(data));
    if (data instanceof Uint8Array) return this.#write(OPCODE.binary, data);
    throw new TypeError(`peer.send takes text or bytes, not ${show(data)}.`);
  }

  /**
   * Asks for a sign of life; the client answers by itself.
   *
   * @param data - at most 125 bytes
   */
  ping(data: string | Uint8Array = ''): Operation<void> {
    const payload = Buffer.from(data);
    checkSize('The ping', payload.length, MOST_OF_CONTROL);
    return this.#write(OPCODE.ping, payload);
  }

  /**
   * Closes the conversation; the client answers, and nothing more can be sent.
   *
   * @param code - 1000 to 1014 as in RFC 6455, or 3000 to 4999
   * @param reason - at most 123 bytes
   */
  *close(code = 1000, reason = ''): Operation<void> {
    checkCode(code);
    checkSize('The reason', Buffer.byteLength(reason), MOST_OF_CONTROL - 2);
    if (!this.#closeSent) yield* this.#sendClose(code, reason);
  }

  *#sendClose(code: number, reason: string): Operation<void> {
    this.#closeSent = true;
    yield* this.#connection.write(frameOf(OPCODE.close, closePayload(code, reason)));
  }

  /** Sends bytes as they are, for what no proper server does. */
  sendRaw(bytes: Uint8Array): Operation<void> {
    return this.#connection.write(bytes);
  }

  /** Breaks the connection: the client gets no closing handshake. */
  reset(): void {
    this.#connection.reset();
  }

  /** @internal Carries out a script, and closes the conversation behind it. */
  *carryOut(script: PeerScript): Operation<void> {
    const reading = spawn(this.#readAll(), { daemon: true, name: 'frames of a WebSocket' });
    yield* checkOperation(WEB_SOCKET, script(this));
    try {
      yield* this.close();
      yield* moveOnAfter(CLOSE_TIME, reading);
    } catch (error) {
      // The client has gone without waiting for it, or the script has broken the connection.
      if (!(error instanceof PeerGoneError)) throw error;
    }
  }

  *#write(opcode: number, payload: Uint8Array): Operation<void> {
    if (this.#clientClosed) throw new PeerGoneError(this.request.target);
    if (this.#closeSent) throw new Error('The WebSocket was closed: nothing more can be sent on it.');
    yield* this.#connection.write(frameOf(opcode, payload));
  }

  *#readAll(): Operation<void> {
    try {
      while (this.#closeCode === undefined) {
        for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
          yield* this.#took(frame.opcode, frame.final, frame.payload);
          if (this.#closeCode !== undefined) return;
        }
        const bytes = yield* this.#connection.read();
        if (bytes === undefined) return;
        this.#frames.push(bytes);
      }
    } catch (error) {
      if (!(error instanceof PeerGoneError)) throw error;
    } finally {
      this.#ended = true;
      this.#messages.putNowait(undefined);
    }
  }

  *#took(opcode: number, final: boolean, payload: Uint8Array): Operation<void> {
    if (opcode === OPCODE.ping) {
      if (!this.#closeSent) yield* this.#connection.write(frameOf(OPCODE.pong, payload));
    } else if (opcode === OPCODE.close) {
      this.#closeCode = payload.length < 2 ? 1005 : new DataView(payload.buffer, payload.byteOffset).getUint16(0);
      this.#closeReason = Buffer.from(payload.subarray(2)).toString();
      if (this.#closeSent) return;
      this.#clientClosed = true;
      yield* this.#sendClose(this.#closeCode === 1005 ? 1000 : this.#closeCode, '');
    } else if (opcode !== OPCODE.pong) {
      if (opcode !== OPCODE.continuation) this.#isText = opcode === OPCODE.text;
      this.#parts.push(payload);
      if (final) this.#messages.putNowait(this.#whole());
    }
  }

  #whole(): Message {
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    return this.#isText ? bytes.toString() : Uint8Array.from(bytes);
  }
}

/** How long the client's part of the closing handshake is waited for, in milliseconds. */
const CLOSE_TIME = 1_000;

/** The most that a ping or a close carries: RFC 6455, section 5.5. */
const MOST_OF_CONTROL = 125;

function checkSize(what: string, size: number, most: number): void {
  if (size <= most) return;
  throw new RangeError(`${what} of the WebSocket has ${size} bytes: give at most ${most}, or use peer.sendRaw.`);
}

/** @throws RangeError for a code that no close may carry: RFC 6455, section 7.4 */
function checkCode(code: number): void {
  const isKnown = (code >= 1000 && code <= 1014) || (code >= 3000 && code <= 4999);
  if (Number.isInteger(code) && isKnown && code !== 1004 && code !== 1005 && code !== 1006) return;
  throw new RangeError(`The code ${show(code)} cannot be sent: give 1000, one from 3000 to 4999, or use peer.sendRaw.`);
}

function closePayload(code: number, reason: string): Uint8Array {
  const text = Buffer.from(reason);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return payload;
}

/** The head that agrees to a WebSocket, and the subprotocol in it; undefined if the request asks for none. */
export function agreement(
  { method, headers }: PeerRequest,
  protocols: readonly string[],
): { readonly head: string; readonly protocol: string } | undefined {
  const key = headers.get('sec-websocket-key');
  if (method !== 'GET' || headers.get('upgrade')?.toLowerCase() !== 'websocket' || key === null) return undefined;
  const offered = (headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  const protocol = protocols.find((name) => offered.includes(name)) ?? '';
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${createHash('sha1').update(`${key}${GUID}`).digest('base64')}`,
    ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  return { head: `${lines.join('\r\n')}\r\n\r\n`, protocol };
}

/** Of RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
