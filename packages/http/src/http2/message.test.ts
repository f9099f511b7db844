import { sensitiveHeaders } from 'node:http2';
import { attempt, run } from '@coloop/core';
import { serveHttp2 } from '@coloop/test-servers/vitest';
import { expect, test } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { RequestHeaders } from '../headers.ts';
import { Session } from '../node/session.ts';
import { messageFields } from './message.ts';

const route = { secure: true, host: 'a.test' } as never;

function fieldsOf(headers: Record<string, string | string[]>): ReturnType<typeof messageFields> {
  const url = new URL('https://a.test/path?q#hash');
  const options = { expect100: false };
  return messageFields(
    { method: 'GET', url, headers: RequestHeaders.from(headers), body: null, options } as never,
    route,
  );
}

test('Host becomes :authority, and the fragment stays here', () => {
  expect(fieldsOf({})).toMatchObject({
    ':authority': 'a.test',
    ':path': '/path?q',
    ':scheme': 'https',
    ':method': 'GET',
  });
  const fields = fieldsOf({ Host: 'b.test' });
  expect([fields[':authority'], 'host' in fields]).toEqual(['b.test', false]);
});

test('neither credentials nor cookies are indexed, and those of a proxy are not sent', () => {
  const fields = fieldsOf({ Authorization: 'Bearer x', Cookie: ['a=1', 'b=2'], 'Proxy-Authorization': 'no' });
  expect(fields[sensitiveHeaders as never]).toEqual(['authorization', 'cookie']);
  expect(fields).toMatchObject({ authorization: 'Bearer x', cookie: 'a=1; b=2' });
  expect('proxy-authorization' in fields).toBe(false);
});

test('lines of one name stay lines, but for names that have one line', () => {
  expect(fieldsOf({ 'X-A': ['1', '2'], 'If-Match': ['"a"', '"b"'] })).toMatchObject({
    'x-a': ['1', '2'],
    'if-match': '"a", "b"',
  });
});

test('a name of the prototype is a name as any other', () => {
  const fields = fieldsOf({ constructor: 'x', toString: 'y' });
  expect([fields.constructor, fields.tostring]).toEqual(['x', 'y']);
});

test.each([
  ['Connection', 'close'],
  ['Keep-Alive', 'timeout=5'],
  ['Proxy-Connection', 'keep-alive'],
  ['Transfer-Encoding', 'chunked'],
  ['Upgrade', 'websocket'],
  ['TE', 'gzip'],
])('%s: %s is refused before anything is sent', async (name, value) => {
  let asked = 0;
  const server = await serveHttp2((_, response) => {
    asked += 1;
    response.end('ok');
  });
  await run(function* () {
    const session = yield* Session.open({ http2: 'only' });
    const tried = yield* attempt(session.get(server.url, { headers: { [name]: value } }));
    expect(tried.ok ? undefined : tried.error).toBeInstanceOf(InvalidOptionError);
    expect(String(tried.ok ? '' : tried.error)).toContain(`The header ${name}`);
    expect(session.pool.stats).toMatchObject({ streams: 0, busy: 0 });
    expect(yield* session.get(server.url).text()).toBe('ok');
  });
  expect(asked).toBe(1);
});
