// Real time: the waits between retries are those of a server on this machine, and are 0.
import { attempt, type Operation, run } from '@coloop/core';
import { serve, serveBytes } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { RedirectError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { Response } from '../response/response.ts';

function* get(url: string): Operation<Response> {
  const session = yield* Session.open({ timeout: 5_000 });
  const response = yield* session.get(url);
  yield* response.bytes();
  return response;
}

async function redirecting(...locations: readonly string[]): Promise<string> {
  const { url } = await serve((request, response) => {
    if (request.url === '/') response.writeHead(302, { Location: [...locations] }).end();
    else response.end();
  });
  return url;
}

describe('Location', () => {
  test.each([1, 2, 9])('counts once, however often it is there: %i', async (copies) => {
    const url = await redirecting(...Array(copies).fill('/there, and here'));
    expect((await run(get(url))).url).toBe(`${url}/there,%20and%20here`);
  });

  test('is an error where there are different ones, which names them all', async () => {
    const url = await redirecting('/first', 'http://user:s3cret@other.test/', '/first');
    const tried = await run(function* () {
      return yield* attempt(get(url));
    });
    const { error } = tried as unknown as { error: RedirectError };
    expect(error).toBeInstanceOf(RedirectError);
    expect(error.message).toContain('redirected to "/first" and to "http://other.test/" at once');
    expect(error.message).not.toContain('s3cret');
  });
});

test.each([
  ['in seconds', ['0', '3600']],
  ['equal', ['0', '0']],
])('the first Retry-After counts: %s', async (_, values) => {
  let asked = 0;
  const { url } = await serve((_request, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(503, { 'Retry-After': values as string[] }).end();
    else response.end('ok');
  });
  await run(function* () {
    const session = yield* Session.open({ timeout: 5_000, retry: { attempts: 2 } });
    expect((yield* session.get(url)).status).toBe(200);
  });
});

describe('Content-Type', () => {
  // The Fetch standard, "extract a MIME type".
  test.each([
    ['the same twice', ['text/plain; charset=windows-1251', 'text/plain; charset=windows-1251'], 'Я'],
    ['the last one', ['text/html', 'text/plain; charset=windows-1251'], 'Я'],
    ['a type without a charset keeps that of the same type', ['text/plain; charset=windows-1251', 'text/plain'], 'Я'],
    ['another type does not', ['text/html; charset=windows-1251', 'text/plain'], '\ufffd'],
    ['what is no type is passed over', ['text/plain; charset=windows-1251', 'nonsense'], 'Я'],
    ['a wildcard is passed over', ['text/plain; charset=windows-1251', '*/*'], 'Я'],
    ['in one line', ['text/html, text/plain; charset=windows-1251'], 'Я'],
    ['a comma in quotes separates nothing', ['text/plain; x="a, text/html"; charset=windows-1251'], 'Я'],
  ])('is extracted: %s', async (_, types, expected) => {
    const lines = types.map((type) => `Content-Type: ${type}\r\n`).join('');
    const site = await serveBytes(
      Buffer.from(`HTTP/1.1 200 OK\r\n${lines}Content-Length: 1\r\nConnection: close\r\n\r\n\xdf`, 'latin1'),
    );
    await run(function* () {
      const session = yield* Session.open({ timeout: 5_000 });
      expect(yield* (yield* session.get(site.url)).text()).toBe(expected);
      const read = yield* (yield* session.get(site.url)).lines().next();
      expect(read.value).toBe(expected);
    });
  });

  test.each([
    [['application/json', 'application/json'], true],
    [['text/html', 'application/json'], true],
    [['application/json', 'text/html'], false],
    [['application/json', '*/*'], true],
  ])('says whether it is JSON: %j', async (types, isJson) => {
    const { url } = await serve((_request, response) => response.writeHead(200, { 'Content-Type': types }).end('1'));
    await run(function* () {
      const session = yield* Session.open({ timeout: 5_000 });
      const tried = yield* attempt((yield* session.get(url)).json());
      expect(tried.ok).toBe(isJson);
    });
  });

  test('of an event stream may be repeated', async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(200, { 'Content-Type': ['text/event-stream', 'text/event-stream'] }).end('data: 1\n\n'),
    );
    await run(function* () {
      const session = yield* Session.open({ timeout: 5_000 });
      const event = yield* session.events(url, { reconnect: false }).next();
      expect(event.value).toMatchObject({ data: '1' });
    });
  });
});
