import { inspect } from 'node:util';
import { attempt, run, sleep, spawn, tick } from '@coloop/core';
import { serveWebSockets } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from './auth/basic.ts';
import { Session } from './node/session.ts';
import type { Request } from './request/request.ts';
import { simulate } from './testing/simulation.ts';

const SECRETS = ['s3cret', 'hunter2', Buffer.from('ada:s3cret').toString('base64')];

/** How a thing is shown alone, nested at several depths, and as JSON; none of it with a secret. */
function shown(thing: unknown): string {
  const texts = [
    inspect(thing),
    inspect({ a: thing }),
    inspect({ a: { b: { c: { d: thing } } } }),
    inspect([thing], { depth: 20, showHidden: true }),
    inspect(new Map([['a', { thing }]]), { depth: Number.POSITIVE_INFINITY }),
    JSON.stringify({ thing }),
  ];
  for (const text of texts) for (const secret of SECRETS) expect(text).not.toContain(secret);
  return texts[0] as string;
}

describe('what is printed', () => {
  test('of a session, a request and a response says what they are about, and no secret', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', function* (request) {
        if (request.target.startsWith('/slow')) yield* sleep(1_000);
        return { status: 201, headers: { 'Set-Cookie': 'id=hunter2' }, json: {} };
      });
      let request: Request | undefined;
      const session = yield* Session.open({
        baseUrl: 'http://ada:s3cret@api.test/v1/',
        headers: { 'X-Api-Key': 'hunter2', 'X-Plain': 'plain' },
        cookies: { id: 'hunter2' },
        middleware: [
          (seen, next) => {
            request = seen;
            return next(seen.with({ headers: seen.headers.set('Authorization', 'Bearer hunter2') }));
          },
        ],
      });
      expect(shown(session)).toBe("Session { baseUrl: 'http://api.test/v1/', closed: false, requests: [] }");
      const response = yield* session.get('http://ada:s3cret@api.test/a', { auth: new BasicAuth('ada', 's3cret') });
      const text = shown(response);
      for (const part of ['Response {', 'status: 201', "method: 'GET'", "url: 'http://api.test/a'", "phase: 'body'"]) {
        expect(text).toContain(part);
      }
      const asked = shown(request);
      for (const part of [
        'Request {',
        "method: 'GET'",
        "url: 'http://api.test/a'",
        'X-Plain',
        "'X-Api-Key': '(redacted)'",
      ]) {
        expect(asked).toContain(part);
      }
      shown(request?.headers.set('Authorization', 'Bearer hunter2').append('Cookie', 'id=hunter2'));
      const slow = spawn(attempt(session.get('/slow')));
      yield* tick();
      expect(inspect(session)).toContain('GET http://api.test/slow (');
      expect(inspect({ a: { b: { session } } })).toContain('[Session]');
      yield* session.close();
      yield* slow;
      expect(inspect(session)).toContain('closed: true');
    });
  });

  test('of a WebSocket is its URL and its state', async () => {
    const server = await serveWebSockets((socket) => socket.on('message', () => socket.close(4_001, 'enough')));
    await run(function* () {
      const session = yield* Session.open();
      const url = `ws://ada:s3cret@127.0.0.1:${server.port}/chat`;
      const socket = yield* session.ws(url);
      const text = shown(socket);
      expect(text).toContain(`url: 'http://127.0.0.1:${server.port}/chat'`);
      for (const part of ['WebSocket {', "method: 'GET'", 'status: 101', "state: 'open'"]) expect(text).toContain(part);
      yield* socket.send('bye');
      yield* socket.next();
      expect(shown(socket)).toContain('closeCode: 4001');
    });
  });

  test('of a class, or of its prototype, is no error', () => {
    expect(inspect(Session.prototype)).toContain('Session');
    expect(inspect(Session)).toContain('Session');
  });
});
