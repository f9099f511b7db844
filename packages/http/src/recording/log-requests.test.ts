import { attempt, sleep } from '@coloop/core';
import { expect, test, vi } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { Session } from '../node/session.ts';
import { simulate } from '../testing/simulation.ts';
import { logRequests } from './log-requests.ts';

test('each request is a line when it is over, with what became of it and without a secret', async () => {
  await simulate(function* (net) {
    net.serve('http://api.test', function* (request) {
      if (request.target === '/slow') yield* sleep(60_000);
      if (request.target === '/moved') return { status: 302, headers: { Location: '/' }, body: '' };
      return request.target.startsWith('/none') ? { status: 404, body: 'no' } : 'hello';
    });
    const session = yield* Session.open({ baseUrl: 'http://ada:s3cret@api.test' });
    const lines: string[] = [];
    logRequests(session, (line) => lines.push(line));
    yield* session.get('/').text();
    yield* session.get('/none?token=s3cret&page=2').text();
    yield* session.get('/moved').text();
    yield* attempt(session.post('/slow', { timeout: 100, body: 'data' }));
    yield* attempt(session.get('ftp://ada:s3cret@api.test/'));
    expect(lines).toEqual([
      'GET http://api.test/ 200 in 6 ms, 5 bytes',
      'GET http://api.test/none?token=(redacted)&page=2 404 in 2 ms, 2 bytes',
      'GET http://api.test/ 200 in 4 ms, 5 bytes, 2 attempts',
      'POST http://api.test/slow failed in 100 ms: ServerTimeoutError TIMEOUT',
      'A request failed in 0 ms: InvalidUrlError INVALID_URL',
    ]);
  });
});

test('lines go to the console if nothing else takes them', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await simulate(function* (net) {
    net.serve('http://api.test', () => 'hello');
    const session = yield* Session.open();
    logRequests(session);
    yield* session.get('http://api.test/').text();
  });
  expect(log.mock.calls).toEqual([['GET http://api.test/ 200 in 6 ms, 5 bytes']]);
  log.mockRestore();
});

test('what takes the lines is a function', async () => {
  await simulate(function* () {
    const session = yield* Session.open();
    expect(() => logRequests(session, 'stderr' as never)).toThrow(InvalidOptionError);
  });
});

test('the end of a request has its status and the sizes of its bodies, also where it failed', async () => {
  await simulate(function* (net) {
    net.serve('http://api.test', (request) =>
      request.target === '/hang' ? request.reset() : { status: 201, body: 'x'.repeat(10_000) },
    );
    const session = yield* Session.open();
    const ends: unknown[] = [];
    session.trace.on('end', ({ status, sizes }) => ends.push({ status, sizes }));
    yield* session.post('http://api.test/', { body: 'y'.repeat(5_000) }).bytes();
    yield* attempt(session.get('http://api.test/hang'));
    expect(ends).toEqual([
      { status: 201, sizes: { sent: 5_000, received: 10_000 } },
      { status: undefined, sizes: { sent: 0, received: 0 } },
    ]);
  });
});
