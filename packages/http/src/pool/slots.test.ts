import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SlotGrant, SlotWaiter } from './slot-grant.ts';
import { Slots } from './slots.ts';

class Client implements SlotWaiter<string> {
  readonly key: string;
  readonly gathers: boolean;
  readonly order: number;
  got: SlotGrant<string> | undefined;

  constructor(key: string, order: number, gathers = false) {
    this.key = key;
    this.gathers = gathers;
    this.order = order;
  }

  grant(grant: SlotGrant<string>): boolean {
    this.got = grant;
    return true;
  }
}

const slotsOf = (total: number, perKey = Number.POSITIVE_INFINITY, dead: Set<string> = new Set()): Slots<string> =>
  new Slots<string>({ total, perKey }, (connection) => !dead.has(connection));

const open = { kind: 'open', evicted: undefined };

describe('Slots', () => {
  test('opens connections up to the limit, and reuses the one that was used last', () => {
    const slots = slotsOf(2);
    expect([slots.take('a'), slots.take('a'), slots.take('a')]).toEqual([open, open, undefined]);
    slots.release('a', 'a1');
    slots.release('a', 'a2');
    expect(slots.take('a')).toEqual({ kind: 'reuse', connection: 'a2' });
  });

  test('skips idle connections that died, and counts them no more', () => {
    const dead = new Set<string>();
    const slots = slotsOf(1, 1, dead);
    slots.take('a');
    slots.release('a', 'a1');
    dead.add('a1');
    expect(slots.take('a')).toEqual(open);
    expect(slots.total).toBe(1);
  });

  test('closes the connection that was idle for the longest time when another host needs its slot', () => {
    const slots = slotsOf(2);
    slots.take('a');
    slots.take('b');
    slots.release('b', 'b1');
    slots.release('a', 'a1');
    expect(slots.take('c')).toEqual({ kind: 'open', evicted: 'b1' });
    expect(slots.total).toBe(2);
  });

  test('serves waiters in the order in which they came, over all hosts', () => {
    const slots = slotsOf(1);
    slots.take('a');
    const [first, second, third] = [new Client('b', 1), new Client('a', 2), new Client('b', 3)];
    for (const client of [first, second, third]) slots.wait(client);
    slots.release('a', 'a1');
    expect(first.got).toEqual({ kind: 'open', evicted: 'a1' });
    slots.release('b', 'b1');
    expect(second.got).toEqual({ kind: 'open', evicted: 'b1' });
    slots.drop('a', 'a2');
    expect(third.got).toEqual(open);
  });

  test('lets no newcomer overtake a waiter, unless only the limit of its host holds that waiter back', () => {
    const slots = slotsOf(3, 1);
    slots.take('a');
    const held = new Client('a', 1);
    slots.wait(held);
    expect(slots.take('b')).toEqual(open);
    expect(slots.take('a')).toBeUndefined();
    slots.take('c');
    const next = new Client('d', 2);
    slots.wait(next);
    slots.release('a', 'a1');
    expect(held.got).toEqual({ kind: 'reuse', connection: 'a1' });
    slots.release('b', 'b1');
    expect(next.got).toEqual({ kind: 'open', evicted: 'b1' });
  });

  test('a waiter that left gets nothing and holds no other one up', () => {
    const slots = slotsOf(1);
    slots.take('a');
    const [gone, stays] = [new Client('a', 1), new Client('b', 2)];
    slots.wait(gone);
    slots.wait(stays);
    slots.leave(gone);
    slots.drop('a', 'a1');
    expect([gone.got, stays.got]).toEqual([undefined, open]);
    expect(slots.waiting).toBe(0);
  });

  test('a waiter that comes back stands in front of the ones that came later', () => {
    const slots = slotsOf(1);
    slots.take('a');
    const [later, earlier] = [new Client('a', 5), new Client('a', 2)];
    slots.wait(later);
    slots.wait(earlier);
    slots.release('a', 'a1');
    expect([earlier.got?.kind, later.got]).toEqual(['reuse', undefined]);
  });

  test('opens one connection that may be shared at a time, and the requests that wait for it share it', () => {
    const slots = slotsOf(10);
    expect(slots.take('a', true)).toEqual(open);
    expect(slots.take('a', true)).toBeUndefined();
    const clients = [1, 2, 3].map((order) => new Client('a', order, true));
    for (const client of clients) slots.wait(client);
    slots.opened('a', 'a1', 3);
    expect(clients.map(({ got }) => got?.kind)).toEqual(['reuse', 'reuse', 'open']);
    expect([slots.total, slots.streams, slots.idle]).toEqual([2, 3, 0]);
    slots.opened('a', 'a2', 3);
    slots.release('a', 'a1');
    // The one that has room first is filled before the other.
    expect([slots.takeOpen('a'), slots.takeOpen('a'), slots.takeOpen('a')]).toEqual(['a2', 'a2', 'a1']);
    expect([slots.takeOpen('a'), slots.take('a', true)]).toEqual([undefined, open]);
  });

  test('a shared connection is idle when its last request has left it, and may be closed for another host then', () => {
    const slots = slotsOf(1);
    slots.take('a', true);
    slots.opened('a', 'a1', 2);
    slots.take('a', true);
    slots.release('a', 'a1');
    const other = new Client('b', 1);
    slots.wait(other);
    expect([slots.idle, other.got]).toEqual([0, undefined]);
    slots.release('a', 'a1');
    expect(other.got).toEqual({ kind: 'open', evicted: 'a1' });
    expect([slots.total, slots.streams]).toEqual([1, 0]);
  });

  test('a connection that takes no more requests serves those that it has, and another one is opened', () => {
    const slots = slotsOf(10);
    slots.take('a', true);
    slots.opened('a', 'a1', 100);
    slots.resize('a', 'a1', 0);
    expect(slots.take('a', true)).toEqual(open);
    slots.opened('a', 'a2', 100);
    slots.release('a', 'a1');
    slots.drop('a', 'a1');
    expect([slots.total, slots.takeOpen('a')]).toEqual([1, 'a2']);
  });

  test('a capacity that grows serves the requests that wait', () => {
    const slots = slotsOf(1);
    slots.take('a', true);
    slots.opened('a', 'a1', 1);
    const client = new Client('a', 1, true);
    slots.wait(client);
    expect(client.got).toBeUndefined();
    slots.resize('a', 'a1', 2);
    expect(client.got).toEqual({ kind: 'reuse', connection: 'a1' });
  });

  test('where connections turn out not to be shared, or cannot be opened, every request may open its own', () => {
    for (const shared of [false, undefined]) {
      const slots = slotsOf(10);
      slots.take('a', true);
      const clients = [1, 2].map((order) => new Client('a', order, true));
      for (const client of clients) slots.wait(client);
      if (shared === false) slots.opened('a', 'a1', undefined);
      else slots.failed('a', true);
      expect(clients.map(({ got }) => got)).toEqual([open, open]);
    }
  });

  test('if the request that opens a connection for others is cancelled, the next one opens it', () => {
    const slots = slotsOf(10);
    slots.take('a', true);
    const clients = [1, 2].map((order) => new Client('a', order, true));
    for (const client of clients) slots.wait(client);
    slots.failed('a', false);
    expect(clients.map(({ got }) => got)).toEqual([open, undefined]);
  });

  test('never exceeds a limit or a capacity, nor leaves a waiter beside room, with connections that are shared', () => {
    const step = fc.record({
      what: fc.constantFrom('take', 'take', 'open', 'fail', 'release', 'resize', 'kill', 'leave'),
      key: fc.constantFrom('a', 'b'),
      pick: fc.nat(20),
      capacity: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 3 }), (steps, total) => {
        const slots = slotsOf(total, 2);
        const opening: string[] = [];
        const connections = new Map<string, { readonly key: string; capacity: number; used: number }>();
        const queue: Client[] = [];
        let count = 0;
        const use = (key: string, grant: SlotGrant<string>): void => {
          if (grant.kind === 'open') {
            if (grant.evicted !== undefined) expect(connections.get(grant.evicted)?.used).toBe(0);
            connections.delete(grant.evicted ?? '');
            opening.push(key);
            return;
          }
          const one = connections.get(grant.connection);
          if (one === undefined) throw new Error('a connection that is gone');
          one.used += 1;
          // One that serves nobody is asked about its capacity by its owner.
          if (one.used > 1) expect(one.used).toBeLessThanOrEqual(one.capacity);
        };
        for (const { what, key, pick, capacity } of steps) {
          const names = [...connections.keys()];
          const name = names[pick % Math.max(1, names.length)] ?? '';
          const one = connections.get(name);
          if (what === 'take') {
            const grant = slots.take(key, true);
            const client = new Client(key, count++, true);
            if (grant !== undefined) use(key, grant);
            else {
              queue.push(client);
              slots.wait(client);
            }
          } else if (what === 'leave') {
            const [client] = queue.splice(pick % Math.max(1, queue.length), 1);
            if (client !== undefined) slots.leave(client);
          } else if (what === 'open' || what === 'fail') {
            const [mine] = opening.splice(pick % Math.max(1, opening.length), 1);
            if (mine === undefined) continue;
            const made = `${mine}${count++}`;
            if (what === 'open') {
              connections.set(made, { key: mine, capacity: capacity + 1, used: 1 });
              slots.opened(mine, made, capacity + 1);
            } else slots.failed(mine, pick % 2 === 0);
          } else if (one !== undefined) {
            if (what === 'release' && one.used > 0) {
              one.used -= 1;
              slots.release(one.key, name);
            } else if (what === 'resize' && one.used > 0) {
              one.capacity = capacity;
              slots.resize(one.key, name, capacity);
            } else if (what === 'kill') {
              connections.delete(name);
              slots.drop(one.key, name);
            }
          }
          for (const client of queue.splice(0)) {
            if (client.got === undefined) queue.push(client);
            else use(client.key, client.got);
          }
          const all = [...connections.values()];
          expect(slots.total).toBe(all.length + opening.length);
          expect(slots.total).toBeLessThanOrEqual(total);
          expect(slots.streams).toBe(all.reduce((sum, { used }) => sum + used, 0));
          expect(slots.idle).toBe(all.filter(({ used }) => used === 0).length);
          const room = (wanted: string): boolean =>
            all.some((each) => each.key === wanted && each.used > 0 && each.used < each.capacity);
          expect(queue.some((client) => room(client.key))).toBe(false);
        }
      }),
    );
  });

  test('never exceeds a limit, loses a slot or leaves a waiter beside a free one, whatever happens', () => {
    const step = fc.record({
      what: fc.constantFrom('take', 'release', 'kill', 'leave'),
      key: fc.constantFrom('a', 'b', 'c'),
      pick: fc.nat(20),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        (steps, total, perKey) => {
          const slots = slotsOf(total, perKey);
          const busy: { key: string; name: string }[] = [];
          const idle = new Map<string, string>();
          const queue: Client[] = [];
          let order = 0;
          const use = (key: string, grant: SlotGrant<string>): void => {
            if (grant.kind === 'open' && grant.evicted !== undefined) idle.delete(grant.evicted);
            const name = grant.kind === 'reuse' ? grant.connection : `${key}${order++}`;
            idle.delete(name);
            busy.push({ key, name });
          };
          const settle = (): void => {
            for (const client of queue.splice(0)) {
              if (client.got === undefined) queue.push(client);
              else use(client.key, client.got);
            }
          };
          for (const { what, key, pick } of steps) {
            const one = busy[pick % Math.max(1, busy.length)];
            if (what === 'take') {
              const grant = slots.take(key);
              if (grant !== undefined) use(key, grant);
              else {
                const client = new Client(key, order++);
                queue.push(client);
                slots.wait(client);
              }
            } else if (what === 'leave') {
              const [client] = queue.splice(pick % Math.max(1, queue.length), 1);
              if (client !== undefined) slots.leave(client);
            } else if (one !== undefined) {
              busy.splice(busy.indexOf(one), 1);
              if (what === 'kill') slots.drop(one.key, one.name);
              else {
                idle.set(one.name, one.key);
                slots.release(one.key, one.name);
              }
            }
            settle();
            const countOf = (wanted: string): number =>
              busy.filter((each) => each.key === wanted).length +
              [...idle.values()].filter((each) => each === wanted).length;
            expect(slots.total).toBe(busy.length + idle.size);
            expect(slots.total).toBeLessThanOrEqual(total);
            for (const each of ['a', 'b', 'c']) expect(countOf(each)).toBeLessThanOrEqual(perKey);
            const couldServe = queue.some(
              (client) => countOf(client.key) < perKey && (slots.total < total || idle.size > 0),
            );
            expect(couldServe).toBe(false);
          }
        },
      ),
    );
  });

  test('serves a hundred thousand waiters in time that grows no faster than they do', () => {
    const slots = slotsOf(1, 1);
    slots.take('a');
    const clients = Array.from({ length: 100_000 }, (_, index) => new Client(`h${index % 1_000}`, index));
    for (const client of clients) slots.wait(client);
    let served = 0;
    for (const client of clients) {
      slots.drop(client.order === 0 ? 'a' : `h${(client.order - 1) % 1_000}`, undefined);
      if (client.got !== undefined) served += 1;
    }
    expect(served).toBe(clients.length);
  });

  test.each([
    ['the same key', () => 'a'],
    ['keys of their own', (order: number) => `key ${order}`],
  ])('keeps nothing of waiters that come and go with %s while one waits', (_, keyOf) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const slots = slotsOf(1, Number.POSITIVE_INFINITY);
    slots.take('a');
    const passBy = (times: number): void => {
      for (let order = 1; order <= times; order++) {
        const client = new Client(keyOf(order), order);
        slots.wait(client);
        slots.leave(client);
      }
      collect();
    };
    slots.wait(new Client('a', 0));
    passBy(1_000);
    const before = process.memoryUsage().heapUsed;
    passBy(100_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
    expect(slots.waiting).toBe(1);
  });
});
