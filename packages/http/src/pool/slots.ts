/*
 * Which request gets which connection: a pure state machine, without sockets, time or tasks.
 *
 * | a connection is | counted in       | leaves to                                        |
 * | opening         | group and total  | busy (opened), gone (failed)                     |
 * | busy            | group and total  | idle (given back), busy (handed on), gone (died) |
 * | idle            | group and total  | busy (taken), gone (died, too old, evicted)      |
 *
 * A slot is a place for one request on a connection. A connection of HTTP/1.1 has one, and one of HTTP/2 as many as its
 * capacity says: it is busy with the first request, and shared while it has room beside those that it serves. What has room is
 * filled before anything is opened, and where connections may turn out to be shared, one at a time is opened. Limits count
 * connections.
 *
 * Fairness: waiters are served in the order in which they came, over all groups. One whose group is at its own limit
 * is passed over until that group has room. A connection that falls idle serves the first waiter: by itself where it
 * leads to the right place, else by its slot. Source of the rule: httpcore's `_assign_requests_to_connections`.
 */
import {
  awaitsOpening,
  type Group,
  insert,
  type Load,
  list,
  newGroup,
  type QueuedWaiter,
  remove,
  sinceOf,
  unlist,
} from './group.ts';
import { GroupHeap } from './group-heap.ts';
import type { SlotGrant, SlotWaiter } from './slot-grant.ts';

/** How many connections there may be. */
export interface SlotLimits {
  /** In all. */
  readonly total: number;
  /** For one key. */
  readonly perKey: number;
}

/** The bookkeeping of a pool over connections of type C. */
export class Slots<C> {
  readonly #limits: SlotLimits;
  readonly #usable: (connection: C) => boolean;
  readonly #groups = new Map<string, Group<C>>();
  /** The groups with idle connections, and some that had: a group is removed when a search meets it, not with every request. */
  readonly #withIdle = new Set<Group<C>>();
  #idle = 0;
  #lastSince = 0;
  /** The connections that may serve several requests at once. */
  readonly #loads = new Map<C, Load>();
  readonly #waiting = new Map<SlotWaiter<C>, QueuedWaiter<C>>();
  readonly #ready = new GroupHeap<C>();
  #total = 0;

  /** @param usable - whether an idle connection may still be used; asked at checkout */
  constructor(limits: SlotLimits, usable: (connection: C) => boolean) {
    this.#limits = limits;
    this.#usable = usable;
  }

  get total(): number {
    return this.#total;
  }

  get idle(): number {
    return this.#idle;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** The requests on connections that may serve several at once. */
  get streams(): number {
    let streams = 0;
    for (const { used } of this.#loads.values()) streams += used;
    return streams;
  }

  /** Idle connections; for closing. */
  idleConnections(): readonly C[] {
    return [...this.#withIdle].flatMap(({ idle }) => idle);
  }

  /**
   * Takes a connection or a slot if the request does not have to wait for it.
   *
   * @param gathers - whether a connection of this key may turn out to be one that is shared
   */
  take(key: string, gathers = false): SlotGrant<C> | undefined {
    const group = this.#group(key, gathers);
    const connection = this.#takeShared(group);
    if (connection !== undefined) return { kind: 'reuse', connection };
    return this.#blocksNewcomer(group) ? undefined : this.#grantFor(group);
  }

  /** Takes an open connection if one has room and no request waits for it: the usual case, at the least cost. */
  takeOpen(key: string): C | undefined {
    const group = this.#groups.get(key);
    if (group === undefined) return undefined;
    if (group.shared.length > 0) return this.#takeShared(group);
    if (group.idle.length === 0 || this.#blocksNewcomer(group)) return undefined;
    return this.#takeIdle(group);
  }

  /** Queues a waiter; it gets its grant as soon as it is its turn. */
  wait(waiter: SlotWaiter<C>): void {
    const group = this.#group(waiter.key, waiter.gathers);
    const entry: QueuedWaiter<C> = { waiter, previous: null, next: null, gone: false };
    insert(group, entry);
    this.#waiting.set(waiter, entry);
    this.#serve(group);
    this.#assign();
  }

  /** Takes a waiter out of the queue. */
  leave(waiter: SlotWaiter<C>): void {
    const entry = this.#waiting.get(waiter);
    if (entry === undefined) return;
    const group = this.#group(waiter.key, waiter.gathers);
    this.#remove(group, entry);
    this.#enqueue(group);
    this.#dropIfEmpty(group);
  }

  /**
   * A connection is open, and serves the request that opened it.
   *
   * @param capacity - how many it may serve at once; undefined for a connection that is never shared
   */
  opened(key: string, connection: C, capacity: number | undefined): void {
    const group = this.#group(key);
    group.opening -= 1;
    group.gathers = capacity !== undefined;
    if (capacity !== undefined) {
      const load = { capacity, used: 1 };
      this.#loads.set(connection, load);
      list(group, connection, load);
    }
    this.#serve(group);
    this.#assign();
  }

  /**
   * The opening of a connection is over, without one.
   *
   * @param spread - whether every request that waited for it may now open one of its own
   */
  failed(key: string, spread: boolean): void {
    const group = this.#group(key);
    group.opening -= 1;
    if (spread) group.gathers = false;
    this.drop(key, undefined);
  }

  /** From now on a connection may serve so many requests at once; 0: it takes no more of them. */
  resize(key: string, connection: C, capacity: number): void {
    const load = this.#loads.get(connection);
    if (load === undefined) return;
    load.capacity = capacity;
    const group = this.#group(key);
    list(group, connection, load);
    this.#serve(group);
    this.#assign();
  }

  /** A request has left a connection, which can be used again. */
  release(key: string, connection: C): void {
    const group = this.#group(key);
    this.#release(group, connection);
    this.#serve(group);
    this.#assign();
  }

  /** A connection, in any state, is over. */
  drop(key: string, connection: C | undefined): void {
    const group = this.#group(key);
    if (connection !== undefined) {
      this.#removeIdleAt(group, group.idle.lastIndexOf(connection));
      unlist(group, connection);
    }
    this.#uncount(group, connection);
    this.#enqueue(group);
    this.#assign();
    this.#dropIfEmpty(group);
  }

  /** Takes every waiter out, oldest first. */
  removeWaiters(): SlotWaiter<C>[] {
    const waiters = [...this.#waiting.keys()].sort((a, b) => a.order - b.order);
    for (const waiter of waiters) this.leave(waiter);
    return waiters;
  }

  // A newcomer may pass the waiters that another key's limit holds back, not those that wait for what it would take.
  #blocksNewcomer(group: Group<C>): boolean {
    if (this.#waiting.size === 0) return false;
    return group.first !== null || this.#ready.peek() !== undefined;
  }

  #grantFor(group: Group<C>): SlotGrant<C> | undefined {
    const connection = this.#takeIdle(group);
    if (connection !== undefined) return { kind: 'reuse', connection };
    if (awaitsOpening(group) || group.count >= this.#limits.perKey) return undefined;
    if (this.#total < this.#limits.total) return this.#open(group, undefined);
    const evicted = this.#evict();
    return evicted === undefined ? undefined : this.#open(group, evicted);
  }

  #open(group: Group<C>, evicted: C | undefined): SlotGrant<C> {
    group.count += 1;
    group.opening += 1;
    this.#total += 1;
    return { kind: 'open', evicted };
  }

  #takeShared(group: Group<C>): C | undefined {
    const [connection] = group.shared;
    if (connection !== undefined) this.#use(group, connection);
    return connection;
  }

  #takeIdle(group: Group<C>): C | undefined {
    for (let connection = group.idle.at(-1); connection !== undefined; connection = group.idle.at(-1)) {
      this.#removeIdleAt(group, group.idle.length - 1);
      if (this.#usable(connection)) {
        if (this.#loads.size > 0) this.#use(group, connection);
        return connection;
      }
      this.#uncount(group, connection);
    }
    return undefined;
  }

  #use(group: Group<C>, connection: C): void {
    const load = this.#loads.get(connection);
    if (load === undefined) return;
    load.used += 1;
    list(group, connection, load);
  }

  #release(group: Group<C>, connection: C): void {
    const load = this.#loads.size > 0 ? this.#loads.get(connection) : undefined;
    if (load !== undefined) {
      load.used -= 1;
      list(group, connection, load);
      if (load.used > 0) return;
    }
    this.#addIdle(group, connection);
  }

  #uncount(group: Group<C>, connection: C | undefined): void {
    group.count -= 1;
    this.#total -= 1;
    if (connection !== undefined) this.#loads.delete(connection);
  }

  #evict(): C | undefined {
    let group: Group<C> | undefined;
    for (const each of this.#withIdle) {
      if (each.idle.length === 0) this.#removeFromIdle(each);
      else if (group === undefined || sinceOf(each) < sinceOf(group)) group = each;
    }
    if (group === undefined) return undefined;
    const [connection] = group.idle;
    this.#removeIdleAt(group, 0);
    this.#uncount(group, connection);
    this.#dropIfEmpty(group);
    return connection;
  }

  #addIdle(group: Group<C>, connection: C): void {
    this.#lastSince += 1;
    group.idle.push(connection);
    group.since.push(this.#lastSince);
    this.#idle += 1;
    if (group.listed) return;
    group.listed = true;
    this.#withIdle.add(group);
  }

  #removeFromIdle(group: Group<C>): void {
    group.listed = false;
    this.#withIdle.delete(group);
  }

  #removeIdleAt(group: Group<C>, index: number): void {
    if (index === -1) return;
    if (index === group.idle.length - 1) {
      group.idle.pop();
      group.since.pop();
    } else {
      group.idle.splice(index, 1);
      group.since.splice(index, 1);
    }
    this.#idle -= 1;
  }

  /** Gives the room of shared connections to the waiters of their group: to no others can it be given. */
  #serve(group: Group<C>): void {
    for (let entry = group.first; entry !== null && group.shared.length > 0; entry = group.first) {
      this.#remove(group, entry);
      const connection = this.#takeShared(group) as C;
      if (!entry.waiter.grant({ kind: 'reuse', connection })) this.#release(group, connection);
    }
    this.#enqueue(group);
  }

  #remove(group: Group<C>, entry: QueuedWaiter<C>): void {
    this.#waiting.delete(entry.waiter);
    remove(group, entry);
  }

  #assign(): void {
    for (let group = this.#ready.peek(); group !== undefined; group = this.#ready.peek()) {
      const entry = group.first as QueuedWaiter<C>;
      const grant = this.#grantFor(group);
      if (grant === undefined) {
        // What it was to get has died: the others need not wait for what this one waits for now.
        this.#enqueue(group);
        if (group.queuedAs === -1) continue;
        return;
      }
      this.#remove(group, entry);
      if (!entry.waiter.grant(grant)) this.#returnGrant(group, grant);
      // A connection that was idle may have room for more of them.
      this.#serve(group);
    }
  }

  #returnGrant(group: Group<C>, grant: SlotGrant<C>): void {
    if (grant.kind === 'reuse') {
      this.#release(group, grant.connection);
    } else {
      group.opening -= 1;
      this.#uncount(group, undefined);
    }
    this.#enqueue(group);
    this.#dropIfEmpty(group);
  }

  /** Puts a group into the heap, under its first waiter, if it has one that its own limit does not hold back. */
  #enqueue(group: Group<C>): void {
    const { first, idle, count } = group;
    const mayOpen = count < this.#limits.perKey && !awaitsOpening(group);
    const eligible = first !== null && (mayOpen || idle.length > 0);
    const order = eligible ? (group.first as QueuedWaiter<C>).waiter.order : -1;
    // Under the same order it stands there already: a waiter that waits long is passed by many that come and go.
    if (eligible && group.queuedAs !== order) this.#ready.push(group, order);
    group.queuedAs = order;
  }

  #group(key: string, gathers = false): Group<C> {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = newGroup(key, gathers);
      this.#groups.set(key, group);
    }
    return group;
  }

  #dropIfEmpty(group: Group<C>): void {
    if (group.count > 0 || group.first !== null || this.#groups.get(group.key) !== group) return;
    this.#groups.delete(group.key);
    this.#removeFromIdle(group);
  }
}
