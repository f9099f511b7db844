import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { run, spawn, type Task, tick } from '@coloop/core';
import { serveRaw } from '@coloop/test-servers/vitest';
import { expect, test } from 'vitest';
import { OpenCall } from '../call/call.ts';
import type { Route } from '../connect/route.ts';
import { Request } from '../request/request.ts';
import type { SchedulerView, TimerEntry } from '../waits.ts';
import { openHttp2 } from './connection.ts';
import { settings } from './frames.fixture.ts';

/** A scheduler whose timers ring when the test says so. */
class PlayedScheduler {
  readonly timers = new Set<TimerEntry>();

  now(): number {
    return 0;
  }

  addTimer(entry: TimerEntry): void {
    entry.slot = 0;
    this.timers.add(entry);
  }

  removeTimer(entry: TimerEntry): void {
    entry.slot = -1;
    this.timers.delete(entry);
  }

  ring(): void {
    for (const timer of [...this.timers]) {
      this.removeTimer(timer);
      timer.fire();
    }
  }
}

function callOn(scheduler: SchedulerView): OpenCall {
  return new OpenCall({ add: () => 0 } as never, scheduler, 0, 0, undefined, null, undefined);
}

test('a connection whose peer replies to no ping is closed, and its requests are told why', async () => {
  // It says its settings, and reads no more.
  const server = await serveRaw((socket: Socket) => void socket.pause().write(settings(100)));
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const scheduler = new PlayedScheduler() as PlayedScheduler & SchedulerView;
  let gone = 0;
  const owner = { connectionFree: () => {}, connectionResized: () => {}, connectionGone: () => void gone++ };
  await run(function* () {
    const route = { host: 'dead.test', authority: 'dead.test:80' } as Route;
    const limits = { maxRequests: Number.POSITIVE_INFINITY, scheduler };
    const connection = yield* openHttp2({ socket, base: socket, http2: true }, route, owner, limits);
    expect(scheduler.timers.size).toBe(0);
    const call = callOn(scheduler);
    const options = { timeouts: {} } as never;
    const request = new Request('GET', new URL('http://dead.test/'), [] as never, null, options, null, null, call);
    const exchange = connection.exchange(request, call);
    expect([connection.streams, scheduler.timers.size]).toEqual([1, 1]);
    // The bytes of the settings came before, so nothing has come since; then the ping is sent, and then waited for.
    scheduler.ring();
    expect([gone, connection.usable]).toEqual([0, true]);
    scheduler.ring();
    expect([gone, connection.usable, connection.streams]).toEqual([1, false, 0]);
    expect(exchange.error).toMatchObject({ code: 'PING_TIMEOUT', name: 'ServerDisconnectedError' });
    expect(scheduler.timers.size).toBe(0);
  });
  expect(socket.destroyed).toBe(true);
});

test('one that is cancelled while it waits for the settings closes its socket', async () => {
  const server = await serveRaw(() => {});
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  const owner = { connectionFree: () => {}, connectionResized: () => {}, connectionGone: () => {} };
  await run(function* () {
    const route = { host: 'late.test', authority: 'late.test:80' } as Route;
    const limits = { maxRequests: 1, scheduler: new PlayedScheduler() as PlayedScheduler & SchedulerView };
    const task: Task<unknown> = spawn(openHttp2({ socket, base: socket, http2: true }, route, owner, limits));
    // It begins with the next turn.
    yield* tick();
    yield* task.cancel();
    expect(socket.destroyed).toBe(true);
  });
});
