import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { forEach, type Operation, run, until } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { afterEach, expect, test, vi } from 'vitest';
import { Session, type SessionOptions } from '../node/session.ts';
import type { Response } from '../response/response.ts';

// What a request costs the host, counted: a busy machine changes times, and not these.

afterEach(() => void vi.restoreAllMocks());

const WARM = 5;
const REQUESTS = 100;

interface Counts {
  /** Writes to sockets of the client, which are system calls. */
  writes: number;
  connections: number;
  timers: number;
  controllers: number;
  /** Chunks that went through the streams of the client's sockets, instead of right to the codec. */
  pushes: number;
  /** Signals made by `AbortSignal.timeout` and `AbortSignal.any`. */
  signals: number;
}

/** So many requests one after the other, once the connection stands. */
async function countsOf(options: SessionOptions): Promise<Counts> {
  const server = await serve((_request, response) => response.end('{"ok":true}'));
  const counts: Counts = { writes: 0, pushes: 0, connections: 0, timers: 0, controllers: 0, signals: 0 };
  await run(function* () {
    const session = yield* Session.open(options);
    function* get(times: number) {
      for (let i = 0; i < times; i++) {
        using response = yield* session.get(server.url);
        yield* response.bytes();
      }
    }
    yield* get(WARM);
    const take = countHost(counts, server.port);
    yield* get(REQUESTS);
    take();
  });
  counts.connections = server.accepted;
  return counts;
}

/** Counts into `counts` until what is returned is called. */
function countHost(counts: Counts, port: number): () => void {
  // Both `_write` and `_writev` of a socket pass here, once for each write to the system.
  const prototype = Socket.prototype as unknown as { _writeGeneric(...args: unknown[]): unknown };
  const write = prototype._writeGeneric;
  const writes = vi.spyOn(prototype, '_writeGeneric').mockImplementation(function (this: unknown, ...args: unknown[]) {
    if ((this as Socket).remotePort === port) counts.writes++;
    return write.apply(this, args);
  });
  const { push } = Socket.prototype;
  const pushes = vi.spyOn(Socket.prototype, 'push').mockImplementation(function (this: Socket, ...args) {
    if (this.remotePort === port) counts.pushes++;
    return push.apply(this, args);
  });
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const late = vi.spyOn(AbortSignal, 'timeout');
  const any = vi.spyOn(AbortSignal, 'any');
  const { AbortController: Original } = globalThis;
  globalThis.AbortController = class extends Original {
    constructor() {
      super();
      counts.controllers++;
    }
  };
  return () => {
    globalThis.AbortController = Original;
    counts.timers = timers.mock.calls.length;
    counts.signals = late.mock.calls.length + any.mock.calls.length;
    writes.mockRestore();
    pushes.mockRestore();
  };
}

test('a request is one write to the socket', async () => {
  const { writes, connections } = await countsOf({ timeout: null });
  expect(writes).toBe(REQUESTS);
  expect(connections).toBe(1);
});

test('what a socket reads reaches the codec within the read, past the stream', async () => {
  const { pushes } = await countsOf({ timeout: null });
  expect(pushes).toBe(0);
});

const READ_SIZE = 65_536;

/** How often memory for a read was made while a body of so many reads was taken. */
async function memoriesFor(reads: number, take: (response: Response) => Operation<unknown>): Promise<number> {
  const body = Buffer.alloc(reads * READ_SIZE, 'coloop ');
  const server = await serve((_request, response) => response.end(body));
  const made = vi.spyOn(Buffer, 'allocUnsafeSlow');
  await run(function* () {
    using response = yield* (yield* Session.open()).get(server.url);
    yield* take(response);
  });
  return made.mock.calls.filter(([size]) => size === READ_SIZE).length;
}

function* inLines(response: Response): Operation<void> {
  yield* forEach(response.lines(), () => {});
}

function* intoMemory(response: Response): Operation<void> {
  const memory = new Uint8Array(10_000);
  while ((yield* response.readInto(memory)) > 0);
}

test.each([
  { name: 'whole', take: (response: Response) => response.bytes() },
  { name: 'as text', take: (response: Response) => response.text() },
  { name: 'in lines', take: inLines },
  { name: 'into memory', take: intoMemory },
])('a large body that is taken $name is read into the same memory again and again', async ({ take }) => {
  // How many are under way at once is the host's matter.
  expect(await memoriesFor(200, take)).toBeLessThan(100);
});

test('chunks that a program is given are its own, and nothing is read into them', async () => {
  const kept: Uint8Array[] = [];
  const memories = await memoriesFor(40, (response) => forEach(response.chunks(), (chunk) => void kept.push(chunk)));
  expect(memories).toBeGreaterThan(8);
  expect(Buffer.concat(kept).equals(Buffer.alloc(40 * READ_SIZE, 'coloop '))).toBe(true);
});

test('an idle connection keeps nothing of its last answer', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const server = await serve((_request, response) => response.end('{"ok":true}'));
  await run(function* () {
    const session = yield* Session.open();
    function* get() {
      using response = yield* session.get(server.url);
      yield* response.bytes();
      return new WeakRef(response);
    }
    const last = yield* get();
    // A WeakRef holds what it was asked for until the turn of the host is over.
    yield* until(new Promise((resolve) => setImmediate(resolve)));
    collect();
    expect(session.pool.stats.idle).toBe(1);
    expect(last.deref()).toBeUndefined();
  });
});

test('requests make no AbortController, no signal and no host timer', async () => {
  const { controllers, signals, timers } = await countsOf({ timeout: null });
  expect({ controllers, signals }).toEqual({ controllers: 0, signals: 0 });
  expect(timers).toBeLessThanOrEqual(REQUESTS / 10);
});

test('a limit on every request shares host timers, and makes no signal either', async () => {
  const { writes, controllers, signals, timers } = await countsOf({
    timeout: { total: 60_000, headers: 50_000, idle: 40_000 },
  });
  expect({ writes, controllers, signals }).toEqual({ writes: REQUESTS, controllers: 0, signals: 0 });
  expect(timers).toBeLessThanOrEqual(REQUESTS / 10);
});
