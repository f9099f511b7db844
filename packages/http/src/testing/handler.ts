/* What a handler sees and answers, the same for simulated servers and for real ones. */
import type { Operation } from '@coloop/core';
import { isOperation, show } from '@coloop/core/lowlevel';
import { ownEntries } from '../checks.ts';
import { BODYLESS } from '../request/semantics.ts';
import { agreement, type ByteConnection, WebSocketConversation, WebSocketPeer } from './web-socket.ts';

/** What a handler answers with; without any of it, status 200 and no body. */
export interface Answer {
  readonly status?: number | undefined;
  readonly headers?: AnswerHeaders | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** In place of `body`: anything that JSON can express. */
  readonly json?: unknown;
}

export type AnswerHeaders = Readonly<Record<string, string | readonly string[]>>;

type Reply = Answer | WebSocketConversation | string | Uint8Array | undefined | void;

/**
 * Answers a request: by what it returns (text, bytes, an `Answer`, or `webSocket(…)`), or by hand with `request.start`, `write` and `end`.
 *
 * It is a coroutine, so it may wait; it is cancelled when the client goes away. An error that it throws breaks the
 * connection and fails the test.
 */
export type Handler = (request: ServerRequest) => Operation<Reply> | Reply;

/** A request as a handler sees it, with what answers it by hand. */
export interface ServerRequest {
  readonly method: string;
  /** The target of the request line: `/path?query`, or a whole URL at a proxy. */
  readonly target: string;
  readonly headers: Headers;
  /** Which connection of the server this request came on, from 1 on. */
  readonly connection: number;
  /** The body, read to its end. */
  bytes(): Operation<Uint8Array>;
  text(): Operation<string>;
  json(): Operation<unknown>;
  /** Sends the head; without a Content-Length the body is sent in chunks. */
  start(status?: number, headers?: AnswerHeaders): Operation<void>;
  /** Sends a chunk of the body. */
  write(data: string | Uint8Array): Operation<void>;
  /** Ends the body. */
  end(): Operation<void>;
  /** Breaks the connection: the client gets ECONNRESET. */
  reset(): void;
  /** Closes the connection at once. */
  hangUp(): void;
}

/** What the two kinds of servers have in common. */
export abstract class BaseRequest implements ServerRequest {
  abstract readonly method: string;
  abstract readonly target: string;
  abstract readonly headers: Headers;
  abstract readonly connection: number;
  /** Whether the answer has begun, and whether it is over. */
  protected state: 'waiting' | 'started' | 'over' = 'waiting';

  abstract bytes(): Operation<Uint8Array>;
  /** @param whole - the body, if all of it is known */
  protected abstract sendHead(
    status: number,
    headers: readonly (readonly [string, string])[],
    whole?: Uint8Array,
  ): Operation<void>;
  protected abstract sendChunk(bytes: Uint8Array): Operation<void>;
  protected abstract sendEnd(): Operation<void>;
  protected abstract break(reset: boolean): void;
  /** Leaves HTTP: the connection itself, for another protocol. */
  protected abstract leaveHttp(): ByteConnection;

  *text(): Operation<string> {
    return new TextDecoder().decode(yield* this.bytes());
  }

  *json(): Operation<unknown> {
    return JSON.parse(yield* this.text());
  }

  *start(status = 200, headers: AnswerHeaders = {}): Operation<void> {
    this.#expect('waiting', 'start');
    this.state = 'started';
    yield* this.sendHead(status, flat(headers));
  }

  *write(data: string | Uint8Array): Operation<void> {
    if (this.state === 'waiting') yield* this.start();
    this.#expect('started', 'write');
    const bytes = bytesOf(data);
    if (bytes.length > 0) yield* this.sendChunk(bytes);
  }

  *end(): Operation<void> {
    if (this.state === 'waiting') yield* this.start();
    this.#expect('started', 'end');
    this.state = 'over';
    yield* this.sendEnd();
  }

  reset(): void {
    this.state = 'over';
    this.break(true);
  }

  hangUp(): void {
    this.state = 'over';
    this.break(false);
  }

  /** Sends a whole answer at once. */
  *answer({ status = 200, headers = {}, body, json }: Answer): Operation<void> {
    this.#expect('waiting', 'answer');
    const list = flat(headers);
    const has = (name: string): boolean => list.some(([each]) => each.toLowerCase() === name);
    if (json !== undefined && !has('content-type')) list.push(['Content-Type', 'application/json']);
    const bytes = bytesOf(json === undefined ? (body ?? '') : JSON.stringify(json));
    if (!has('content-length') && !BODYLESS.has(status)) list.push(['Content-Length', String(bytes.length)]);
    this.state = 'over';
    yield* this.sendHead(status, list, bytes);
  }

  /** Carries out a handler. */
  *handle(handler: Handler): Operation<void> {
    const result = handler(this);
    const reply = isOperation(result) ? ((yield* result) as Reply) : result;
    if (this.state === 'started') yield* this.end();
    else if (this.state !== 'waiting') return;
    else if (reply instanceof WebSocketConversation) yield* this.#speakWebSocket(reply);
    else yield* this.answer(answerOf(reply));
  }

  *#speakWebSocket({ script, protocols }: WebSocketConversation): Operation<void> {
    const agreed = agreement(this, protocols);
    if (agreed === undefined) {
      const headers = { Upgrade: 'websocket', Connection: 'close' };
      yield* this.answer({ status: 426, headers, body: 'This address speaks WebSocket.' });
      return;
    }
    this.state = 'over';
    const connection = this.leaveHttp();
    yield* connection.write(Buffer.from(agreed.head));
    yield* new WebSocketPeer(connection, this, agreed.protocol).carryOut(script);
  }

  #expect(state: 'waiting' | 'started', what: string): void {
    if (this.state === state) return;
    const why = this.state === 'over' ? 'the answer is over' : 'the answer has begun';
    throw new Error(`request.${what}() came too late for ${this.method} ${this.target}: ${why}.`);
  }
}

/** Whether an answer with this status to this method has a body. */
export function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status >= 200 && !BODYLESS.has(status);
}

function answerOf(reply: Reply): Answer {
  if (reply === undefined) return {};
  if (typeof reply === 'string' || reply instanceof Uint8Array) return { body: reply };
  if (reply instanceof Promise) {
    throw new TypeError(
      'A handler answered with a promise: write `function*` in place of `async function`, and `yield* until(promise)` in place of `await promise`.',
    );
  }
  if (typeof reply === 'object' && reply !== null && !Array.isArray(reply)) return reply as Answer;
  throw new TypeError(
    `A handler answered with ${show(reply)}: return text, bytes, an Answer, webSocket(…), or nothing.`,
  );
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data) : data;
}

function flat(headers: AnswerHeaders): [string, string][] {
  return ownEntries(headers as Readonly<Record<string, string | readonly string[]>>).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : (value as readonly string[])).map((each): [string, string] => [name, each]),
  );
}
