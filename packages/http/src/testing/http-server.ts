/* HTTP/1.1 as a server speaks it, over a simulated connection. The conformance suite compares it with `node:http`. */
import type { Operation } from '@coloop/core';
import { type Connection, PeerGoneError } from './connection.ts';
import { BaseRequest, type Handler, hasBody } from './handler.ts';

/** The head of a request. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
}

/** Serves requests on a connection until one side ends it. */
export function* speakHttp(connection: Connection, handler: Handler, cancelHandler: () => void): Operation<void> {
  for (;;) {
    const head = yield* readRequestHead(connection);
    if (head === undefined) return;
    const request = new SimulatedRequest(connection, head);
    connection.whenGone = cancelHandler;
    yield* request.handle(handler);
    connection.whenGone = undefined;
    if (!request.keepsAlive) return;
    yield* request.bytes();
  }
}

/** @throws Error if the bytes are not the head of a request. */
export function* readRequestHead(connection: Connection): Operation<RequestHead | undefined> {
  const bytes = yield* connection.readUntil('\r\n\r\n');
  if (bytes === undefined) return undefined;
  const [first = '', ...lines] = Buffer.from(bytes).toString('latin1').trimEnd().split('\r\n');
  const [, method, target] = /^(\S+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (method === undefined || target === undefined) {
    throw new Error(
      `The simulated server got ${JSON.stringify(first.slice(0, 80))}, which does not begin an HTTP request.`,
    );
  }
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { method, target, headers };
}

class SimulatedRequest extends BaseRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly connection: number;
  readonly #connection: Connection;
  #body: Uint8Array | undefined;
  #chunked = false;
  #silent = false;
  #close: boolean;

  constructor(connection: Connection, { method, target, headers }: RequestHead) {
    super();
    this.#connection = connection;
    this.connection = connection.number;
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.#close = headers.get('connection')?.toLowerCase() === 'close';
  }

  get keepsAlive(): boolean {
    return !this.#close;
  }

  *bytes(): Operation<Uint8Array> {
    this.#body ??= yield* this.#readBody();
    return this.#body;
  }

  *#readBody(): Operation<Uint8Array> {
    const { headers } = this;
    if (headers.get('expect')?.toLowerCase() === '100-continue' && this.state === 'waiting') {
      yield* this.#connection.write('HTTP/1.1 100 Continue\r\n\r\n');
    }
    if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return yield* readChunked(this.#connection);
    return yield* readExactly(this.#connection, Number(headers.get('content-length') ?? 0));
  }

  protected *sendHead(
    status: number,
    headers: readonly (readonly [string, string])[],
    whole?: Uint8Array,
  ): Operation<void> {
    const has = (name: string): boolean => headers.some(([each]) => each.toLowerCase() === name);
    if (headers.some(([name, value]) => name.toLowerCase() === 'connection' && value.toLowerCase() === 'close')) {
      this.#close = true;
    }
    this.#silent = !hasBody(this.method, status);
    this.#chunked = whole === undefined && !this.#silent && !has('content-length') && !has('transfer-encoding');
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
    if (this.#chunked) lines.push('Transfer-Encoding: chunked\r\n');
    const head = Buffer.from(
      `HTTP/1.1 ${status} ${REASONS.get(status) ?? 'Status'}\r\n${lines.join('')}\r\n`,
      'latin1',
    );
    const body = whole === undefined || this.#silent ? NOTHING : whole;
    yield* this.#connection.write(Buffer.concat([head, body]));
  }

  protected *sendChunk(bytes: Uint8Array): Operation<void> {
    if (this.#silent) return;
    if (!this.#chunked) yield* this.#connection.write(bytes);
    else yield* this.#connection.write(Buffer.concat([line(bytes.length.toString(16)), bytes, line('')]));
  }

  protected *sendEnd(): Operation<void> {
    if (this.#chunked) yield* this.#connection.write('0\r\n\r\n');
  }

  protected leaveHttp(): Connection {
    this.#close = true;
    return this.#connection;
  }

  protected break(reset: boolean): void {
    this.#close = true;
    if (reset) this.#connection.reset();
    else this.#connection.close();
  }
}

function* readChunked(connection: Connection): Operation<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const size = Number.parseInt(Buffer.from((yield* connection.readUntil('\r\n')) ?? lost(connection)).toString(), 16);
    chunks.push(yield* readExactly(connection, size));
    yield* connection.readUntil('\r\n');
    if (size === 0) return Buffer.concat(chunks);
  }
}

function* readExactly(connection: Connection, size: number): Operation<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let missing = size;
  while (missing > 0) {
    const bytes = (yield* connection.read()) ?? lost(connection);
    chunks.push(bytes.subarray(0, missing));
    if (bytes.length > missing) connection.unread(bytes.subarray(missing));
    missing -= Math.min(missing, bytes.length);
  }
  return Buffer.concat(chunks);
}

function lost(connection: Connection): never {
  throw new PeerGoneError(connection.place);
}

function line(text: string): Uint8Array {
  return Buffer.from(`${text}\r\n`);
}

const NOTHING = new Uint8Array(0);

const REASONS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [204, 'No Content'],
  [206, 'Partial Content'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [407, 'Proxy Authentication Required'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [426, 'Upgrade Required'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
]);
