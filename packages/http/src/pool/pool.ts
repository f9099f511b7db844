/*
 * The connections of one or several sessions: what slots.ts decides is carried out here, with sockets and under limits of time.
 * A request that finds an idle connection takes it with `acquireNowait`, which costs no generator; every other one goes
 * through `acquire`.
 */
import type { Socket } from 'node:net';
import { isCancelled, type Operation, TimeoutError, timeout } from '@coloop/core';
import { openRoute } from '../connect/connector.ts';
import { currentNetwork } from '../connect/network.ts';
import type { ConnectContext, ConnectObserver, Link, Route } from '../connect/route.ts';
import { createSslContext, type SslContext } from '../connect/ssl.ts';
import { TlsSessions } from '../connect/tls.ts';
import { ClientError, type ServerTimeoutError, SessionClosedError } from '../errors.ts';
import type { Phase } from '../timing.ts';
import { HostWait, ignore, Notify, type SchedulerView } from '../waits.ts';
import { type PoolOptions, readPoolOptions } from './pool-options.ts';
import type { SlotGrant, SlotWaiter } from './slot-grant.ts';
import { Slots } from './slots.ts';

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
  /** Requests on connections of HTTP/2, of which each may carry many. */
  readonly streams: number;
  readonly created: number;
  readonly reused: number;
}

/** What a pool needs of a connection. */
export interface PooledConnection {
  readonly usable: boolean;
  readonly requests: number;
  idleSince: number;
  /** How many requests it may serve at once; undefined if it is one after the other. */
  readonly capacity?: number;
  /** How many it serves, where it may serve several. */
  readonly streams?: number;
  destroy(): void;
}

/** What the pool needs to know of the request that wants a connection. */
export interface Checkout {
  readonly queueLimit: number;
  readonly connectLimit: number;
  /** Whether it comes before every request that waits: it was on a connection, and its server has not looked at it. */
  readonly ahead: boolean;
  /** The milliseconds that opening a connection may take now. */
  remaining(): number;
  enter(phase: Phase): void;
  timeoutError(limit: 'queue' | 'connect', milliseconds: number): ServerTimeoutError;
}

/** The connections of one or several sessions, by route; what is spoken on them is the business of their maker. */
export class Pool {
  readonly localAddress: string | undefined;
  readonly keepAlive: number;
  /** How many requests one connection may serve; Infinity for no limit. */
  readonly maxRequests: number;
  readonly #slots: Slots<PooledConnection>;
  /** The connections that the slots count, with their routes. */
  readonly #counted = new Map<PooledConnection, Route>();
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new TlsSessions();
  readonly #context: ConnectContext;
  readonly #scheduler: SchedulerView;
  #platform: SslContext | undefined;
  #closed = false;
  readonly #closing = new Notify();
  #lastOrder = 0;
  #lastAhead = FIRST_AHEAD;
  #created = 0;
  #reused = 0;

  constructor(options: PoolOptions, scheduler: SchedulerView) {
    const { limit, limitPerHost, keepAlive, maxRequests, localAddress } = readPoolOptions(options);
    this.keepAlive = keepAlive;
    this.localAddress = localAddress;
    this.maxRequests = maxRequests;
    this.#scheduler = scheduler;
    this.#slots = new Slots({ total: limit, perKey: limitPerHost }, (connection) => this.#stillGood(connection));
    this.#context = {
      // The network of the task that opens the pool: a request may come from any task.
      network: currentNetwork.get(),
      sessions: this.#sessions,
      platform: (): SslContext => {
        this.#platform ??= createSslContext();
        return this.#platform;
      },
    };
  }

  get stats(): PoolStats {
    const { total, idle, waiting, streams } = this.#slots;
    const { size: sockets } = this.#sockets;
    return { total, idle, busy: total - idle, waiting, sockets, streams, created: this.#created, reused: this.#reused };
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * A connection along a route: one that has room, a new one, or, when the limits are reached, the next one that becomes free.
   *
   * Cancellation: leaves the queue, or destroys what was being opened, at once.
   *
   * @param make - makes the connection; one route is always asked for with makers of the same type. It counts as a part of
   * connecting
   * @throws SessionClosedError, ServerTimeoutError, and the errors of connecting.
   */
  *acquire<C extends PooledConnection>(route: Route, checkout: Checkout, make: Make<C>): Operation<C> {
    let order = checkout.ahead ? this.#nextAhead() : 0;
    for (;;) {
      this.#checkOpen();
      let grant = order === 0 ? this.#slots.take(route.key, route.gathers) : undefined;
      if (grant === undefined) {
        // A request that comes back because its connection died keeps its place in the queue.
        if (order === 0) order = this.#nextOrder();
        checkout.enter('queue');
        grant = yield* limited('queue', checkout.queueLimit, checkout, new SlotWait(this.#slots, route, order));
      }
      if (grant.kind === 'open') {
        if (grant.evicted !== undefined) this.#discard(grant.evicted);
        return yield* this.#open(route, checkout, make);
      }
      if (grant.connection.usable) {
        this.#reused += 1;
        // The slots hand out only what was made for the same route.
        return grant.connection as C;
      }
      this.#giveBack(route, grant.connection);
      if (order === 0) order = this.#nextOrder();
    }
  }

  /** An open connection along a route that has room, if one can be had at once; of the type that `acquire` makes for that route. */
  acquireNowait<C extends PooledConnection>(route: Route): C | undefined {
    const connection = this.#slots.takeOpen(route.key);
    if (connection !== undefined) this.#reused += 1;
    return connection as C | undefined;
  }

  /** Closes every idle connection of a route: one of them turned out to be dead. */
  discardIdle(route: Route): void {
    for (const connection of this.#slots.idleConnections()) {
      if (this.#counted.get(connection)?.key === route.key) connection.destroy();
    }
  }

  /** Destroys every connection and waits until all sockets have said 'close'. */
  *close(): Operation<void> {
    this.#closed = true;
    for (const waiter of this.#slots.removeWaiters()) (waiter as SlotWait).fail(closedError());
    // With the reason: it is not the server that ends what is under way.
    for (const socket of [...this.#sockets]) socket.destroy(closedUnderWay());
    this.#sessions.clear();
    yield* this.#closing.until(`the close of ${this.#sockets.size} sockets`, () => this.#sockets.size === 0);
  }

  // ---- what connections say ----

  connectionFree(connection: PooledConnection): void {
    const route = this.#counted.get(connection);
    if (route === undefined) return;
    const used = this.#closed || this.keepAlive === 0 || connection.requests >= this.maxRequests;
    if (used && !((connection.streams ?? 0) > 0)) {
      connection.destroy();
      return;
    }
    connection.idleSince = this.#scheduler.now();
    this.#slots.release(route.key, connection);
  }

  /** A connection may serve more or fewer requests at once than before. */
  connectionResized(connection: PooledConnection): void {
    const route = this.#counted.get(connection);
    if (route !== undefined) this.#slots.resize(route.key, connection, connection.capacity ?? 1);
  }

  connectionGone(connection: PooledConnection): void {
    const route = this.#counted.get(connection);
    if (route === undefined) return;
    this.#counted.delete(connection);
    this.#slots.drop(route.key, connection);
  }

  // ---- what acquiring needs ----

  *#open<C extends PooledConnection>(route: Route, checkout: Checkout, make: Make<C>): Operation<C> {
    try {
      const connection = yield* limited('connect', checkout.connectLimit, checkout, this.#make(route, checkout, make));
      this.#created += 1;
      this.#counted.set(connection, route);
      this.#slots.opened(route.key, connection, connection.capacity);
      return connection;
    } catch (error) {
      // One that is cancelled says nothing of the server: the next request opens the connection for the others.
      this.#slots.failed(route.key, !isCancelled(error));
      throw this.#closed && error instanceof ClientError ? closedUnderWay() : error;
    }
  }

  *#make<C extends PooledConnection>(route: Route, checkout: Checkout, make: Make<C>): Operation<C> {
    const enter: ConnectObserver['enter'] = (phase) => checkout.enter(phase);
    const observer: ConnectObserver = { limit: checkout.remaining(), enter, track: this.#track };
    const link = yield* openRoute(route, observer, this.#context);
    try {
      this.#checkOpen();
      return yield* make(link);
    } catch (error) {
      link.base.destroy();
      throw error;
    }
  }

  readonly #track = (socket: Socket): void => {
    this.#sockets.add(socket);
    // An error that no task waits for any more must not end the process.
    socket.on('error', ignore);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#closing.wake();
    });
    if (this.#closed) socket.destroy();
  };

  /** A connection that was handed out became unusable before it was used; others may still be served on it. */
  #giveBack(route: Route, connection: PooledConnection): void {
    if ((connection.streams ?? 0) > 0) this.#slots.release(route.key, connection);
    else connection.destroy();
  }

  #checkOpen(): void {
    if (this.#closed) throw new SessionClosedError('The connection pool is closed: open another session.');
  }

  #nextAhead(): number {
    this.#lastAhead += 1;
    return this.#lastAhead;
  }

  #nextOrder(): number {
    this.#lastOrder += 1;
    return this.#lastOrder;
  }

  #stillGood(connection: PooledConnection): boolean {
    if (connection.usable && this.#scheduler.now() - connection.idleSince < this.keepAlive) return true;
    this.#discard(connection);
    return false;
  }

  /** Destroys a connection that the slots no longer count. */
  #discard(connection: PooledConnection): void {
    this.#counted.delete(connection);
    connection.destroy();
  }
}

/** Makes a connection of a link. */
export type Make<C> = (link: Link) => Operation<C>;

/** Below every order of a request that comes for the first time. */
const FIRST_AHEAD = Number.MIN_SAFE_INTEGER;

/** An operation under one of the limits by phase. */
function* limited<T>(
  limit: 'queue' | 'connect',
  milliseconds: number,
  checkout: Checkout,
  operation: Operation<T>,
): Operation<T> {
  if (milliseconds === Number.POSITIVE_INFINITY) return yield* operation;
  try {
    return yield* timeout(milliseconds, operation);
  } catch (error) {
    throw error instanceof TimeoutError ? checkout.timeoutError(limit, milliseconds) : error;
  }
}

/** A request's place in the queue. */
class SlotWait extends HostWait<SlotGrant<PooledConnection>> implements SlotWaiter<PooledConnection> {
  readonly key: string;
  readonly gathers: boolean;
  readonly order: number;
  readonly #slots: Slots<PooledConnection>;

  constructor(slots: Slots<PooledConnection>, { key, gathers }: Route, order: number) {
    super();
    this.#slots = slots;
    this.key = key;
    this.gathers = gathers;
    this.order = order;
  }

  get label(): string {
    return 'a connection of the pool';
  }

  grant(grant: SlotGrant<PooledConnection>): boolean {
    return this.wake(grant);
  }

  protected begin(): void {
    this.#slots.wait(this);
  }

  protected end(): void {
    this.#slots.leave(this);
  }
}

function closedError(): SessionClosedError {
  return new SessionClosedError('The session was closed while the request waited for a connection.', {
    phase: 'queue',
  });
}

function closedUnderWay(): SessionClosedError {
  return new SessionClosedError(
    'The connection pool was closed while the request was under way: close it when its requests have ended.',
  );
}
