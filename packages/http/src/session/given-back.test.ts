import { attempt, gather, type Operation, race, sleep } from '@coloop/core';
import { expect, test } from 'vitest';
import { Session } from '../node/session.ts';
import type { Response } from '../response/response.ts';
import { simulate, webSocket } from '../testing/index.ts';
import type { WebSocket } from '../websocket/websocket.ts';

test('responses that a losing or failed branch has got are given back; those of a winner pass to the caller', () =>
  simulate(function* (net) {
    net.serve('http://files.test', function* (request) {
      yield* request.start();
      yield* request.write('begun');
      yield* sleep(20_000);
      yield* request.write(', ended');
      yield* request.end();
      return;
    });
    const session = yield* Session.open();
    const seen: Response[] = [];
    function* getting(): Operation<Response> {
      const response = yield* session.get('http://files.test/');
      seen.push(response);
      return response;
    }
    function* holding(): Operation<void> {
      yield* getting();
      yield* sleep(10_000);
    }
    function* failing(): Operation<never> {
      yield* sleep(1_000);
      throw new Error('planned');
    }
    yield* race([holding(), sleep(1_000)]);
    yield* attempt(gather([getting(), failing()]));
    yield* sleep(1_000);
    expect(seen).toHaveLength(2);
    for (const response of seen) {
      expect(yield* attempt(response.text())).toMatchObject({ ok: false, error: { code: 'RELEASED' } });
    }
    const [won] = yield* gather([getting(), sleep(1)]);
    expect(yield* won.text()).toBe('begun, ended');
  }));

test('WebSockets that a losing or failed branch has opened are given back; that of a winner passes to the caller', () =>
  simulate(function* (net) {
    const ended: string[] = [];
    net.serve('http://chat.test', (request) =>
      webSocket(function* (peer) {
        yield* peer.send('hello');
        try {
          for (let next = yield* peer.next(); !next.done; next = yield* peer.next()) yield* peer.send(next.value);
        } finally {
          ended.push(request.target);
        }
      }),
    );
    const session = yield* Session.open();
    const seen: WebSocket[] = [];
    function* opening(path: string): Operation<WebSocket> {
      const socket = yield* session.ws(`ws://chat.test${path}`);
      seen.push(socket);
      return socket;
    }
    function* holding(): Operation<void> {
      yield* opening('/held');
      yield* sleep(10_000);
    }
    function* failing(): Operation<never> {
      yield* sleep(1_000);
      throw new Error('planned');
    }
    yield* race([holding(), sleep(1_000)]);
    yield* attempt(gather([opening('/gathered'), failing()]));
    yield* race([opening('/late'), sleep(0)]);
    yield* sleep(1_000);
    expect(ended).toEqual(['/held', '/gathered']);
    for (const socket of seen) expect(yield* attempt(socket.send('lost'))).toMatchObject({ ok: false });
    expect(seen.map(({ closed }) => closed)).toEqual([true, true]);
    expect(net.sockets).toBe(0);
    const [won] = yield* gather([opening('/won'), sleep(1)]);
    expect(yield* won.receive()).toBe('hello');
    yield* won.send('still here');
    expect(yield* won.receive()).toBe('still here');
    yield* won.close();
    expect(ended).toEqual(['/held', '/gathered', '/won']);
  }));
