/* A real server, `node:http` on loopback, that answers with the handlers of a simulated one. */
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Operation, type Resource, resource, until } from '@coloop/core';
import { checkFunction } from '@coloop/core/lowlevel';
import { CurrentScheduler, Notify } from '../waits.ts';
import { PeerGoneError } from './connection.ts';
import { BaseRequest, type Handler, hasBody } from './handler.ts';
import type { ByteConnection } from './web-socket.ts';
import { Outside, type World } from './world.ts';

/** A real server on loopback. */
export interface TestServer {
  /** `http://127.0.0.1:port`, without a slash at its end. */
  readonly origin: string;
  readonly port: number;
  /** How many connections are open. */
  readonly connections: number;
  /** How many connections the server has ever accepted. */
  readonly accepted: number;
}

/**
 * A real HTTP server, `node:http` on 127.0.0.1, that answers with the same handlers as a simulated one.
 *
 * It ends with its owner: handlers are cancelled, connections destroyed.
 *
 * For tests on real time: under `runTest` give `holdForHost: true`, or take `simulate`. Its host is an IP address, of which
 * a jar keeps no cookies unless `unsafeIp` says so.
 *
 * Cancellation: as every resource.
 *
 * @param handler - answers each request
 * @throws the errors of handlers, at the end
 * @example
 * ```ts
 * import { acquire, run } from '@coloop/core';
 * import { fetch } from '@coloop/http';
 * import { testServer } from '@coloop/http/testing';
 *
 * await run(function* () {
 *   const server = yield* acquire(testServer((request) => `you asked for ${request.target}`));
 *   const response = yield* fetch(`${server.origin}/hello`);
 *   console.log(yield* response.text()); //> you asked for /hello
 * });
 * ```
 * Source: aiohttp's `aiohttp.test_utils.TestServer`.
 */
export function testServer(handler: Handler): Resource<TestServer> {
  checkFunction('testServer', handler);
  return resource(function* (provide) {
    const running = new RunningServer(handler, (yield* new CurrentScheduler()) as World);
    yield* running.listen();
    try {
      yield* provide(running);
    } finally {
      yield* running.close();
    }
  });
}

class RunningServer implements TestServer {
  port = 0;
  accepted = 0;
  readonly #server: Server;
  readonly #outside: Outside;
  readonly #open = new Set<Socket>();
  readonly #numbers = new WeakMap<Socket, number>();

  constructor(handler: Handler, world: World) {
    this.#outside = new Outside(world);
    this.#server = createServer((request, response) => this.#serve(handler, request, response));
    // The server has no timers of its own: those of the tests are virtual.
    this.#server.keepAliveTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      // Node leaves such a request to us; it is still one that may be answered like any other.
      const response = new ServerResponse(request);
      response.assignSocket(socket);
      response.shouldKeepAlive = false;
      response.once('finish', () => socket.end());
      this.#serve(handler, request, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.accepted += 1;
      this.#numbers.set(socket, this.accepted);
      this.#open.add(socket);
      socket.on('error', nothing).once('close', () => this.#open.delete(socket));
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.#open.size;
  }

  *listen(): Operation<void> {
    yield* until(new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve)));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  *close(): Operation<void> {
    yield* this.#outside.end();
    for (const socket of this.#open) socket.destroy();
    yield* until(new Promise<void>((resolve) => this.#server.close(() => resolve())));
    const { failures } = this.#outside;
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1)
      throw new AggregateError(failures, `${failures.length} handlers of the test server have failed.`);
  }

  #serve(handler: Handler, message: IncomingMessage, response: ServerResponse): void {
    const { socket } = message;
    const request = new NodeRequest(message, response, this.#numbers.get(socket) ?? 0);
    const task = this.#outside.start(
      `${message.method} ${message.url}`,
      () => request.handle(handler),
      (error) => error instanceof PeerGoneError,
    );
    const cancel = (): void => void task.cancel('the client has gone');
    socket.once('close', cancel);
    (task as typeof task & { whenSettled(then: () => void): void }).whenSettled(() => {
      socket.off('close', cancel);
      if (task.status !== 'succeeded' || request.left) socket.destroy();
    });
  }
}

class NodeRequest extends BaseRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly connection: number;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  #silent = false;

  constructor(message: IncomingMessage, response: ServerResponse, connection: number) {
    super();
    this.#message = message;
    this.#response = response;
    this.connection = connection;
    this.method = message.method ?? 'GET';
    this.target = message.url ?? '/';
    this.headers = new Headers();
    for (let index = 0; index < message.rawHeaders.length; index += 2) {
      this.headers.append(message.rawHeaders[index] as string, message.rawHeaders[index + 1] as string);
    }
    response.sendDate = false;
    response.on('error', nothing);
  }

  *bytes(): Operation<Uint8Array> {
    return yield* until(collect(this.#message));
  }

  protected *sendHead(
    status: number,
    headers: readonly (readonly [string, string])[],
    whole?: Uint8Array,
  ): Operation<void> {
    this.#silent = !hasBody(this.method, status);
    this.#response.writeHead(status, headers.flat());
    if (whole === undefined) this.#response.flushHeaders();
    else this.#response.end(this.#silent ? undefined : whole);
  }

  protected *sendChunk(bytes: Uint8Array): Operation<void> {
    if (this.#silent || this.#response.write(bytes)) return;
    yield* until(new Promise<void>((resolve) => this.#response.once('drain', resolve)));
  }

  protected *sendEnd(): Operation<void> {
    this.#response.end();
  }

  /** Whether the connection speaks no HTTP any more. */
  left = false;

  protected leaveHttp(): ByteConnection {
    const { socket } = this.#message;
    this.left = true;
    this.#response.detachSocket(socket);
    return new SocketBytes(socket);
  }

  protected break(reset: boolean): void {
    const { socket } = this.#message;
    if (reset) socket.resetAndDestroy();
    else socket.destroy();
  }
}

/** The bytes of a socket, read by a task. */
class SocketBytes implements ByteConnection {
  readonly #socket: Socket;
  readonly #changed = new Notify();
  readonly #chunks: Buffer[] = [];
  #ended = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const ended = (): void => {
      this.#ended = true;
      this.#changed.wake();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#changed.wake();
    });
    socket.once('end', ended).once('close', ended).resume();
  }

  *read(): Operation<Uint8Array | undefined> {
    yield* this.#changed.until('bytes of a WebSocket', () => this.#chunks.length > 0 || this.#ended);
    return this.#chunks.length === 0 ? undefined : Buffer.concat(this.#chunks.splice(0));
  }

  *write(bytes: Uint8Array): Operation<void> {
    if (this.#socket.destroyed) throw new PeerGoneError('with a WebSocket');
    if (!this.#socket.write(bytes)) yield* until(new Promise<void>((resolve) => this.#socket.once('drain', resolve)));
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}

async function collect(message: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function nothing(): void {}
