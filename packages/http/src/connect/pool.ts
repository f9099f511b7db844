import { isIP, type Socket } from 'node:net';
import { defer, type Operation, TimeoutError, timeout } from '@coloop/core';
import { InvalidOptionError, type ServerTimeoutError, SessionClosedError } from '../errors.ts';
import { checkForeignNames } from '../known.ts';
import { own } from '../own.ts';
import type { Phase } from '../timing.ts';
import { type Host, HostOfTask, HostWait, Waiting } from '../waits.ts';
import { type Ground, type Link, openRoute, type Route } from './connector.ts';
import { currentNetwork } from './network.ts';
import { type Grant, Slots, type Waiter } from './slots.ts';
import { createSslContext, type SslContext } from './ssl.ts';
import { TlsSessions } from './tls.ts';

/** Settings of a pool. */
export interface PoolOptions {
  /** Connections in all. Default 100; 0 for no limit. */
  readonly limit?: number | undefined;
  /** Connections to one host and port. Default 0, no limit. */
  readonly limitPerHost?: number | undefined;
  /** How long an idle connection may be used again, in milliseconds. Default 15,000; 0: never. */
  readonly keepAlive?: number | undefined;
  /** How many requests one connection may serve. */
  readonly maxRequests?: number | undefined;
  /** The address of this machine to connect from. */
  readonly localAddress?: string | undefined;
}

/** What a pool holds at the moment, and did since it was opened. */
export interface PoolStats {
  /** Connections that are open or being opened. */
  readonly total: number;
  readonly idle: number;
  /** Connections that are being opened or serve a request. */
  readonly busy: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
  /** TCP sockets that are not yet closed, those of attempts included. */
  readonly sockets: number;
  readonly created: number;
  readonly reused: number;
}

/** What a pool needs of a connection. */
export interface PooledConnection {
  readonly usable: boolean;
  readonly requests: number;
  idleSince: number;
  destroy(): void;
}

/** What the pool needs to know of the request that wants a connection. */
export interface Claim {
  readonly queueLimit: number;
  readonly connectLimit: number;
  enter(phase: Phase): void;
  timeoutError(limit: 'queue' | 'connect', milliseconds: number): ServerTimeoutError;
}

/** The connections of one or several sessions, by route. */
export class Pool<C extends PooledConnection> {
  readonly localAddress: string | undefined;
  readonly keepAlive: number;
  readonly #maxRequests: number;
  readonly #slots: Slots<C>;
  /** The connections that the slots count, with their routes. */
  readonly #counted = new Map<C, Route>();
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new TlsSessions();
  readonly #host: Host;
  #platform: SslContext | undefined;
  #closed = false;
  readonly #closing = new Waiting();
  #order = 0;
  #created = 0;
  #reused = 0;

  constructor(options: PoolOptions, host: Host) {
    checkKnown(options);
    const limit = count('limit', own(options, 'limit'), 100) || Number.POSITIVE_INFINITY;
    const perKey = count('limitPerHost', own(options, 'limitPerHost'), 0) || Number.POSITIVE_INFINITY;
    this.keepAlive = milliseconds('keepAlive', own(options, 'keepAlive'), 15_000);
    this.#maxRequests = count('maxRequests', own(options, 'maxRequests'), 0) || Number.POSITIVE_INFINITY;
    this.localAddress = addressOf(own(options, 'localAddress'));
    this.#host = host;
    this.#slots = new Slots<C>({ total: limit, perKey }, (connection) => this.#stillGood(connection));
  }

  get stats(): PoolStats {
    const { total, idle, waiting } = this.#slots;
    const { size: sockets } = this.#sockets;
    return { total, idle, busy: total - idle, waiting, sockets, created: this.#created, reused: this.#reused };
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * A connection along a route: an idle one, a new one, or, where the limits are reached, the next that falls free.
   *
   * Cancellation: leaves the queue, or destroys what was being opened, at once.
   *
   * @throws SessionClosedError, ServerTimeoutError, and the errors of connecting.
   */
  acquire(route: Route, claim: Claim, make: (link: Link) => C): Operation<C> {
    return acquire(this, route, claim, make);
  }

  /** An idle connection along a route, where one can be had at once. */
  acquireNowait(route: Route): C | undefined {
    const connection = this.#slots.takeIdle(route.key);
    if (connection !== undefined) this.#reused += 1;
    return connection;
  }

  /** Every idle connection of a route is closed: one of them turned out to be dead. */
  discardIdle(route: Route): void {
    for (const connection of this.#slots.idleConnections()) {
      if (this.#counted.get(connection)?.key === route.key) connection.destroy();
    }
  }

  /** Destroys every connection and waits until all sockets have said 'close'. */
  close(): Operation<void> {
    return closePool(this);
  }

  // ---- what connections say ----

  connectionFree(connection: C): void {
    const route = this.#counted.get(connection);
    if (route === undefined) return;
    if (this.#closed || this.keepAlive === 0 || connection.requests >= this.#maxRequests) {
      connection.destroy();
      return;
    }
    connection.idleSince = this.#host.now();
    this.#slots.putIdle(route.key, connection);
  }

  connectionGone(connection: C): void {
    const route = this.#counted.get(connection);
    if (route === undefined) return;
    this.#counted.delete(connection);
    this.#slots.drop(route.key, connection);
  }

  // ---- what acquiring needs ----

  /** @internal */
  checkOpen(): void {
    if (this.#closed) throw new SessionClosedError('The connection pool is closed: open another session.');
  }

  /** @internal */
  take(key: string): Grant<C> | undefined {
    return this.#slots.take(key);
  }

  /** @internal */
  nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }

  /** @internal */
  enqueue(wait: SlotWait<C>): void {
    this.#slots.wait(wait);
  }

  /** @internal */
  leave(wait: SlotWait<C>): void {
    this.#slots.leave(wait);
  }

  /** @internal The connection was destroyed to make room: the slots know that already. */
  forget(connection: C | undefined): void {
    if (connection === undefined) return;
    this.#counted.delete(connection);
    connection.destroy();
  }

  /** @internal */
  opened(route: Route, connection: C): void {
    this.#created += 1;
    this.#counted.set(connection, route);
  }

  /** @internal */
  failed(route: Route): void {
    this.#slots.drop(route.key, undefined);
  }

  /** @internal */
  countReuse(): void {
    this.#reused += 1;
  }

  /** @internal */
  readonly track = (socket: Socket): void => {
    this.#sockets.add(socket);
    // An error that nobody waits for any more must not end the process.
    socket.on('error', ignore);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#closing.wake();
    });
    if (this.#closed) socket.destroy();
  };

  /** @internal */
  readonly ground: Ground = {
    // Of whoever opens the pool: a request may come from any task.
    network: currentNetwork.get(),
    sessions: this.#sessions,
    platform: (): SslContext => {
      this.#platform ??= createSslContext();
      return this.#platform;
    },
  };

  /** @internal */
  beginClose(): HostWait<void> {
    this.#closed = true;
    for (const waiter of this.#slots.removeWaiters()) (waiter as SlotWait<C>).fail(closedError());
    for (const socket of [...this.#sockets]) socket.destroy();
    this.#sessions.clear();
    return this.#closing.until(`the close of ${this.#sockets.size} sockets`, () => this.#sockets.size === 0);
  }

  #stillGood(connection: C): boolean {
    if (connection.usable && this.#host.now() - connection.idleSince < this.keepAlive) return true;
    this.forget(connection);
    return false;
  }
}

function* acquire<C extends PooledConnection>(
  pool: Pool<C>,
  route: Route,
  claim: Claim,
  make: (link: Link) => C,
): Operation<C> {
  let order = 0;
  for (;;) {
    pool.checkOpen();
    let grant = order === 0 ? pool.take(route.key) : undefined;
    if (grant === undefined) {
      // Who comes back because its connection died keeps its place in the queue.
      if (order === 0) order = pool.nextOrder();
      claim.enter('queue');
      grant = yield* limited('queue', claim.queueLimit, claim, new SlotWait(pool, route.key, order));
    }
    if (grant.kind === 'open') {
      pool.forget(grant.evicted);
      return yield* open(pool, route, claim, make);
    }
    if (grant.connection.usable) {
      pool.countReuse();
      return grant.connection;
    }
    grant.connection.destroy();
    if (order === 0) order = pool.nextOrder();
  }
}

function* open<C extends PooledConnection>(
  pool: Pool<C>,
  route: Route,
  claim: Claim,
  make: (link: Link) => C,
): Operation<C> {
  try {
    const observer = { enter: (phase: Phase) => claim.enter(phase), track: pool.track };
    const link = yield* limited('connect', claim.connectLimit, claim, openRoute(route, observer, pool.ground));
    pool.checkOpen();
    const connection = make(link);
    pool.opened(route, connection);
    return connection;
  } catch (error) {
    pool.failed(route);
    throw error;
  }
}

/** An operation under one of the limits by phase. */
function* limited<T>(
  limit: 'queue' | 'connect',
  milliseconds: number,
  claim: Claim,
  operation: Operation<T>,
): Operation<T> {
  if (milliseconds === Number.POSITIVE_INFINITY) return yield* operation;
  try {
    return yield* timeout(milliseconds, operation);
  } catch (error) {
    throw error instanceof TimeoutError ? claim.timeoutError(limit, milliseconds) : error;
  }
}

function* closePool<C extends PooledConnection>(pool: Pool<C>): Operation<void> {
  yield* pool.beginClose();
}

/** A request's place in the queue. */
class SlotWait<C extends PooledConnection> extends HostWait<Grant<C>> implements Waiter<C> {
  readonly key: string;
  readonly order: number;
  readonly #pool: Pool<C>;

  constructor(pool: Pool<C>, key: string, order: number) {
    super();
    this.#pool = pool;
    this.key = key;
    this.order = order;
  }

  get label(): string {
    return 'a connection of the pool';
  }

  grant(grant: Grant<C>): boolean {
    return this.wake(grant);
  }

  protected begin(): void {
    this.#pool.enqueue(this);
  }

  protected end(): void {
    this.#pool.leave(this);
  }
}

/**
 * A pool that several sessions share: `Session.open({ pool })`. Whoever opened it closes it.
 *
 * @example
 * ```ts no-run
 * const pool = yield* ConnectionPool.open({ limit: 20, limitPerHost: 4 });
 * const session = yield* Session.open({ pool });
 * ```
 */
export class ConnectionPool {
  /** @internal */
  readonly inner: Pool<PooledConnection>;

  /** @internal */
  constructor(inner: Pool<PooledConnection>) {
    this.inner = inner;
  }

  /**
   * Opens a pool that belongs to the current scope.
   *
   * @throws InvalidOptionError
   */
  static open(options: PoolOptions = {}): Operation<ConnectionPool> {
    return openPool(options);
  }

  get stats(): PoolStats {
    return this.inner.stats;
  }

  /** Destroys every connection, and returns when every socket is closed. */
  close(): Operation<void> {
    return this.inner.close();
  }
}

function* openPool(options: PoolOptions): Operation<ConnectionPool> {
  const pool = new ConnectionPool(new Pool<PooledConnection>(options, yield* new HostOfTask()));
  defer(() => pool.close());
  return pool;
}

const KNOWN: readonly (keyof PoolOptions)[] = ['limit', 'limitPerHost', 'keepAlive', 'maxRequests', 'localAddress'];

function checkKnown(options: PoolOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError(
      `The pool is ${String(options)}: give a ConnectionPool, or settings as in { limit: 20 }.`,
    );
  }
  checkForeignNames('pool', options, KNOWN);
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name as keyof PoolOptions)) {
      throw new InvalidOptionError(`The pool's setting ${name} is not known: use one of ${KNOWN.join(', ')}.`);
    }
  }
}

function count(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (value === Number.POSITIVE_INFINITY) return 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidOptionError(`The pool's ${name} is ${String(value)}: give a whole number, 0 for no limit.`);
}

function addressOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && isIP(value) !== 0) return value;
  throw new InvalidOptionError(`The pool's localAddress is ${String(value)}: give an IP address of this machine.`);
}

function milliseconds(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= 0) return value;
  throw new InvalidOptionError(`The pool's ${name} is ${String(value)}: give milliseconds, 0 or more.`);
}

function closedError(): SessionClosedError {
  return new SessionClosedError('The session was closed while the request waited for a connection.', {
    phase: 'queue',
  });
}

function ignore(): void {}
