import { type Operation, run } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { afterEach, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { DigestAuth } from '../auth/digest.ts';
import { Session } from '../node/session.ts';
import { Multipart } from '../request/body/multipart.ts';

const polluted = Object.prototype as Record<string, unknown>;
const names: string[] = [];
afterEach(() => {
  for (const name of names.splice(0)) delete polluted[name];
});

function pollute(values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) {
    polluted[name] = value;
    names.push(name);
  }
}

test('nothing that somebody wrote on Object.prototype changes a request', async () => {
  const seen: string[] = [];
  const server = await serve((request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)}`);
    response.end('ok');
  });
  const ask = (): Operation<string> => text(server.url);
  await run(ask);
  // Node itself reads some names there, of events among them: those are left out.
  pollute({
    proxy: 'http://127.0.0.1:1',
    auth: new BasicAuth('evil', 'evil'),
    headers: { 'X-Evil': '1' },
    body: 'evil',
    json: 'evil',
    form: { evil: '1' },
    cookies: { evil: '1' },
    params: { evil: '1' },
    baseUrl: 'http://127.0.0.1:1',
    ssl: false,
    redirect: 'manual',
    retry: { attempts: 9 },
    compress: 'gzip',
    middleware: [() => undefined],
    trustEnv: true,
    socketPath: '/evil',
    host: 'evil',
    filename: 'evil',
    type: 'text/evil',
    cnonce: () => 'evil',
    raiseForStatus: true,
    forwardHeaders: ['authorization'],
  });
  expect(await run(ask)).toBe('ok');
  expect(seen[1]).toBe(seen[0]);
  const upload = await run(() => form(server.url));
  expect(upload).toBe('ok');
  expect(seen.join()).not.toMatch(/evil/i);
});

function* text(url: string): Operation<string> {
  const session = yield* Session.open({});
  return yield* (yield* session.get(url, {})).text();
}

function* form(url: string): Operation<string> {
  const session = yield* Session.open({});
  const multipart = new Multipart().append('a', 'b', {});
  return yield* (yield* session.post(url, { multipart, auth: new DigestAuth('u', 'p', {}) })).text();
}
