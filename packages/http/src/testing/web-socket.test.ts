import { acquire, attempt, forEach, now, type Operation, run, sleep, spawn } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { WebSocketHandshakeError } from '../errors.ts';
import { Session } from '../node/session.ts';
import { type Handler, type WebSocketPeer, webSocket } from './index.ts';
import { simulate } from './simulation.ts';
import { testServer } from './test-server.ts';

type With = (handler: Handler, program: (session: Session, url: string) => Operation<void>) => Promise<unknown>;

/** Once in a simulated network, and once against a real server. */
const SERVERS: readonly (readonly [name: string, serve: With])[] = [
  [
    'a simulated server',
    (handler, program) =>
      simulate(function* (net) {
        net.serve('http://chat.test', handler);
        yield* program(yield* Session.open(), 'ws://chat.test/room');
      }),
  ],
  [
    'a test server',
    (handler, program) =>
      run(function* () {
        const server = yield* acquire(testServer(handler));
        yield* program(yield* Session.open(), `${server.origin.replace('http', 'ws')}/room`);
      }),
  ],
];

function* closeAndSend(peer: WebSocketPeer): Operation<void> {
  yield* peer.close();
  yield* peer.send('more');
}

test('what webSocket is given is looked at where it is called', () => {
  const script = function* (): Operation<void> {};
  expect(() => webSocket(script, { protocols: 'chat' } as never)).toThrow(/protocols/);
  expect(() => webSocket(script, { protocols: [1] } as never)).toThrow(/protocols/);
  expect(() => webSocket((async () => {}) as never)).toThrow(/not an async function/);
  expect(() => webSocket(undefined as never)).toThrow(/webSocket takes/);
});

describe.each(SERVERS)('%s', (_, serve) => {
  test('speaks WebSocket: text, bytes, and messages of any size', async () => {
    const seen: unknown[] = [];
    const echo = (): ReturnType<Handler> =>
      webSocket(function* (peer) {
        yield* forEach(peer, (message) => peer.send(message));
        seen.push(peer.closeCode, peer.closeReason);
      });
    await serve(echo, function* (session, url) {
      const socket = yield* session.ws(url);
      const messages = [
        '',
        'hello',
        'ä€😀',
        'x'.repeat(125),
        'x'.repeat(126),
        'x'.repeat(70_000),
        Uint8Array.of(0, 255),
      ];
      for (const message of messages) {
        yield* socket.send(message);
        const answer = yield* socket.receive();
        expect(typeof answer === 'string' ? answer : Uint8Array.from(answer)).toEqual(message);
      }
      expect(yield* socket.ping()).toBeGreaterThanOrEqual(0);
      yield* socket.close(4_000, 'enough');
      expect(socket.closeCode).toBe(4_000);
    });
    expect(seen).toEqual([4_000, 'enough']);
  });

  test('sees the request, and chooses a subprotocol', async () => {
    const handler: Handler = (request) =>
      webSocket(
        function* (peer) {
          yield* peer.send(`${request.target} ${peer.request.headers.get('x-token')} ${peer.protocol}`);
        },
        { protocols: ['v2', 'v1'] },
      );
    await serve(handler, function* (session, url) {
      const socket = yield* session.ws(url, { protocols: ['v1', 'v2'], headers: { 'X-Token': '7' } });
      expect(socket.protocol).toBe('v2');
      expect(yield* socket.receive()).toBe('/room 7 v2');
      expect(yield* socket.next()).toEqual({ done: true, value: undefined });
      expect(socket.closeCode).toBe(1_000);
    });
  });

  test('closes with a code and a reason of its own, and pings', async () => {
    await serve(
      () =>
        webSocket(function* (peer) {
          yield* peer.ping('still there?');
          yield* peer.send('bye');
          yield* peer.close(4_321, 'tired');
          expect((yield* attempt(peer.send('more'))).ok).toBe(false);
        }),
      function* (session, url) {
        const socket = yield* session.ws(url);
        expect(yield* socket.receive()).toBe('bye');
        expect((yield* socket.next()).done).toBe(true);
        expect([socket.closeCode, socket.closeReason]).toEqual([4_321, 'tired']);
      },
    );
  });

  test('answers anything else than a WebSocket with 426, and a WebSocket with what it likes', async () => {
    const handler: Handler = (request) =>
      request.target === '/room' ? { status: 403, body: 'not you' } : webSocket(function* () {});
    await serve(handler, function* (session, url) {
      const refused = yield* attempt(session.ws(url));
      expect(refused).toMatchObject({ ok: false, error: expect.any(WebSocketHandshakeError) });
      expect(refused).toMatchObject({ error: { status: 403, body: 'not you' } });
      const response = yield* session.get(url.replace('ws:', 'http:').replace('/room', '/'));
      expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
      yield* response.release();
    });
  });

  test('goes on sending until the client has closed, and ends without a failure then', async () => {
    const scripts: ((peer: WebSocketPeer) => Operation<void>)[] = [
      function* (peer) {
        for (;;) {
          yield* peer.send('tick');
          yield* sleep(0);
        }
      },
      function* (peer) {
        while (!(yield* peer.next()).done);
        yield* peer.send('late');
      },
      function* (peer) {
        try {
          while (!(yield* peer.next()).done);
        } finally {
          yield* peer.ping();
        }
      },
    ];
    for (const script of scripts) {
      await serve(
        () => webSocket(script),
        function* (session, url) {
          const socket = yield* session.ws(url);
          yield* socket.close(4_000);
          expect(socket.closeCode).toBe(4_000);
          // Real time: for the test server, which has its turn after that.
          yield* sleep(20);
        },
      );
    }
  });

  test.each<readonly [string, (peer: WebSocketPeer) => Operation<void>, string]>([
    ['an object', (peer) => peer.send({ a: 1 } as never), 'peer.send takes text or bytes, not an object'],
    ['a number', (peer) => peer.send(7 as never), 'peer.send takes text or bytes, not 7'],
    ['a code that means that there is none', (peer) => peer.close(1_005), 'The code 1005 cannot be sent'],
    ['a code that is no code', (peer) => peer.close(42), 'The code 42 cannot be sent'],
    ['a reason that is too long', (peer) => peer.close(4_000, 'ä'.repeat(62)), 'has 124 bytes'],
    ['a ping that is too long', (peer) => peer.ping('x'.repeat(126)), 'has 126 bytes'],
    ['anything after its close', (peer) => closeAndSend(peer), 'nothing more can be sent'],
  ])('refuses to send %s, and the test fails', async (_, script, message) => {
    const served = serve(
      () => webSocket(script),
      function* (session, url) {
        const socket = yield* session.ws(url);
        yield* attempt(socket.next());
        // Real time: for the test server, which has its turn after that.
        yield* sleep(20);
      },
    );
    await expect(served).rejects.toThrow(message);
  });

  test('breaks a conversation without a closing handshake', async () => {
    await serve(
      () =>
        webSocket(function* (peer) {
          yield* peer.receive();
          peer.reset();
        }),
      function* (session, url) {
        const socket = yield* session.ws(url);
        yield* socket.send('go');
        expect((yield* attempt(socket.receive())).ok).toBe(false);
        expect(socket.closeCode).toBe(1_006);
      },
    );
  });
});

test('a script is cancelled when its client goes away', async () => {
  const ends: string[] = [];
  await simulate(function* (net) {
    net.serve('http://chat.test', () =>
      webSocket(function* () {
        try {
          yield* sleep(60_000);
        } finally {
          ends.push(`at ${now()}`);
        }
      }),
    );
    const session = yield* Session.open();
    const socket = yield* session.ws('ws://chat.test/');
    yield* sleep(100);
    socket[Symbol.dispose]();
    yield* sleep(100);
    expect(ends).toHaveLength(1);
  });
});

test('a heartbeat is answered while the script does something else', async () => {
  await simulate(function* (net) {
    net.serve('http://chat.test', () =>
      webSocket(function* (peer: WebSocketPeer) {
        yield* sleep(10_000);
        yield* peer.send('awake');
      }),
    );
    const session = yield* Session.open();
    const socket = yield* session.ws('ws://chat.test/', { heartbeat: 500 });
    expect(yield* socket.receive()).toBe('awake');
    yield* socket.close();
  });
});

test('a connect that begins while its host is unplugged goes on after plugIn', async () => {
  await simulate(
    function* (net) {
      const host = net.host('api.test').serve(80, () => 'hello');
      host.unplug();
      const session = yield* Session.open();
      const waiting = spawn(session.get('http://api.test/', { timeout: 60_000 }).text());
      yield* sleep(5_000);
      expect(host.accepted).toBe(0);
      host.plugIn();
      const from = now();
      expect(yield* waiting).toBe('hello');
      expect(now() - from).toBe(40);
      expect(host.accepted).toBe(1);
    },
    { latency: 10 },
  );
});

test('a connect that was given up meanwhile does not arrive', async () => {
  await simulate(function* (net) {
    const host = net.host('api.test').serve(80, () => 'hello');
    host.unplug();
    const session = yield* Session.open();
    expect((yield* attempt(session.get('http://api.test/', { timeout: 500 }))).ok).toBe(false);
    host.plugIn();
    yield* sleep(1_000);
    expect(host.accepted).toBe(0);
    expect(yield* session.get('http://api.test/').text()).toBe('hello');
  });
});
