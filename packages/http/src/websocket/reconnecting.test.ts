import { attempt, forEach, moveOnAfter, type Operation, sleep } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import { type Handler, simulate, type WebSocketPeer, webSocket } from '../testing/index.ts';
import type { WebSocketReconnectOptions } from './reconnecting.ts';

const ADDRESS = 'ws://chat.test/';

/** Talks to a server whose connections each have a script. */
function talk(
  script: (peer: WebSocketPeer, connection: number) => Operation<void>,
  program: (session: Session) => Operation<void>,
): Promise<void> {
  return simulate(function* (net) {
    let count = 0;
    net.serve('http://chat.test', () => webSocket((peer) => script(peer, ++count)));
    yield* program(yield* Session.open());
  });
}

const RECONNECT: WebSocketReconnectOptions = { delay: 100, maxDelay: 1_000 };

function* stay(peer: WebSocketPeer): Operation<void> {
  yield* forEach(peer, () => {});
}

describe('a WebSocket that reconnects', () => {
  test('goes on after a lost connection, and ends when the peer closes with 1000', () =>
    talk(
      function* (peer, connection) {
        yield* peer.send(`hello ${connection}`);
        if (connection < 3) peer.reset();
        else yield* peer.close(1000);
      },
      function* (session) {
        const socket = yield* session.ws(ADDRESS, { reconnect: RECONNECT });
        const seen: unknown[] = [];
        yield* forEach(socket, (message) => void seen.push(message));
        expect(seen).toEqual(['hello 1', 'hello 2', 'hello 3']);
        expect([socket.connections, socket.closed]).toEqual([3, true]);
        expect(yield* socket.next()).toEqual({ done: true, value: undefined });
      },
    ));

  test('sends what was not confirmed once more, in order, so that nothing is lost', () => {
    const seen: string[] = [];
    return talk(
      function* (peer, connection) {
        if (connection === 1) return peer.reset();
        return yield* forEach(peer, (message) => void seen.push(String(message)));
      },
      function* (session) {
        const socket = yield* session.ws(ADDRESS, { reconnect: RECONNECT });
        for (let i = 0; i < 40; i++) yield* socket.send(`${i}`);
        yield* socket.confirmed();
        expect(socket.unconfirmed).toBe(0);
        expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => `${i}`));
        expect(socket.connections).toBe(2);
        yield* socket.close();
      },
    );
  });

  test('has room for so many messages, and then send waits', () =>
    simulate(function* (net) {
      const open = (): ReturnType<Handler> => webSocket((peer) => stay(peer));
      let up = true;
      net.serve('http://chat.test', () => (up ? open() : { status: 503 }));
      const session = yield* Session.open();
      const socket = yield* session.ws(ADDRESS, { heartbeat: 100, reconnect: { ...RECONNECT, outbox: 3 } });
      up = false;
      net.host('chat.test').unplug();
      for (let i = 0; i < 3; i++) yield* socket.send(`${i}`);
      expect((yield* moveOnAfter(2_000, socket.send('3'))).timedOut).toBe(true);
      expect(socket.unconfirmed).toBe(3);
      net.host('chat.test').plugIn();
      up = true;
      yield* socket.send('4');
      yield* socket.confirmed();
      yield* socket.close();
    }));

  test.each([1008, 1002])('does not go on after %i', (code) =>
    talk(
      (peer) => peer.close(code, 'no'),
      function* (session) {
        const socket = yield* session.ws(ADDRESS, { reconnect: RECONNECT });
        const tried = yield* attempt(socket.next());
        expect(tried).toMatchObject({ ok: false, error: { code: 'WEBSOCKET_CLOSED' } });
        expect(socket.connections).toBe(1);
        expect((yield* attempt(socket.send('more'))).ok).toBe(false);
      },
    ),
  );

  test('does not go on after a handshake that is refused with 4xx, and does after 5xx', () =>
    simulate(function* (net) {
      const statuses = [101, 503, 502, 101, 403];
      const asked: number[] = [];
      net.serve('http://chat.test', () => {
        const status = statuses[asked.length] ?? 500;
        asked.push(status);
        return status === 101 ? webSocket((peer) => peer.close(1012)) : { status };
      });
      const session = yield* Session.open();
      const socket = yield* session.ws(ADDRESS, { reconnect: RECONNECT });
      const tried = yield* attempt(socket.next());
      expect(tried).toMatchObject({ ok: false, error: { name: 'WebSocketHandshakeError', status: 403 } });
      expect(asked).toEqual(statuses);
    }));

  test('gives up after so many tries in a row', () =>
    simulate(function* (net) {
      let asked = 0;
      net.serve('http://chat.test', () => (++asked === 1 ? webSocket((peer) => peer.close(1012)) : { status: 503 }));
      const session = yield* Session.open();
      const socket = yield* session.ws(ADDRESS, { reconnect: { ...RECONNECT, attempts: 3 } });
      expect(yield* attempt(socket.next())).toMatchObject({ error: { status: 503 } });
      expect(asked).toBe(4);
    }));

  test('closes once, and ends with its session', () =>
    talk(stay, function* (session) {
      const socket = yield* session.ws(ADDRESS, { reconnect: true });
      yield* socket.send('last');
      yield* socket.close(4_000, 'enough');
      yield* socket.close();
      expect(socket.unconfirmed).toBe(0);
      expect((yield* socket.next()).done).toBe(true);
      const other = yield* session.ws(ADDRESS, { reconnect: true });
      yield* session.close();
      yield* sleep(1);
      expect(yield* attempt(other.next())).toMatchObject({ error: { name: 'SessionClosedError' } });
    }));

  test('a first connection that fails is an error, and so are options that make no sense', () =>
    simulate(function* (net) {
      net.serve('http://chat.test', () => ({ status: 503 }));
      const session = yield* Session.open();
      const ws = (reconnect: unknown) => attempt(session.ws(ADDRESS, { reconnect } as { reconnect: true }));
      expect(yield* ws(true)).toMatchObject({ error: { name: 'WebSocketHandshakeError' } });
      expect(yield* ws({ attempt: 3 })).toMatchObject({ error: { message: expect.stringContaining("'attempts'") } });
      expect(yield* ws(5)).toMatchObject({ error: { name: 'InvalidOptionError' } });
    }));
});

describe('JSON', () => {
  test('goes both ways, checked by a schema', () =>
    talk(
      (peer) => forEach(peer, (message) => peer.send(message)),
      function* (session) {
        const sockets = [yield* session.ws(ADDRESS), yield* session.ws(ADDRESS, { reconnect: true })];
        for (const socket of sockets) {
          yield* socket.sendJson({ a: [1, 'é'] });
          expect(yield* socket.receiveJson()).toEqual({ a: [1, 'é'] });
          yield* socket.send(new TextEncoder().encode('{"b":2}'));
          expect(yield* socket.receiveJson<{ b: number }>()).toEqual({ b: 2 });
          yield* socket.send('<html>');
          expect(yield* attempt(socket.receiveJson())).toMatchObject({ error: { code: 'INVALID_JSON' } });
          const circle: { self?: unknown } = {};
          circle.self = circle;
          for (const value of [undefined, () => 1, circle]) {
            const sent = yield* attempt(
              (function* () {
                yield* socket.sendJson(value);
              })(),
            );
            expect(sent).toMatchObject({ error: { name: 'InvalidOptionError' } });
          }
          yield* socket.sendJson({ n: 'x' });
          const schema = {
            '~standard': { version: 1, vendor: 't', validate: () => ({ issues: [{ message: 'bad' }] }) },
          } as const;
          expect(yield* attempt(socket.receiveJson({ schema }))).toMatchObject({ error: { code: 'SCHEMA' } });
          yield* socket.close();
        }
      },
    ));
});
