import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { attempt, gather, type Operation, run, until } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { fakeRequest } from '../fixtures/requests.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import { BufferedBody } from '../request/body/buffered.ts';
import type { RequestOptions } from '../request/options.ts';
import { simulate } from '../testing/index.ts';
import { type CurlOptions, curl } from './curl.ts';

/** The command of a request that a session makes. */
function commandOf(
  method: string,
  url: string,
  options: RequestOptions = {},
  how?: CurlOptions,
  session: SessionOptions = {},
): Promise<string> {
  return simulate(function* (): Operation<string> {
    const lines: string[] = [];
    const opened = yield* Session.open({
      headers: { Accept: null, 'User-Agent': null, 'Accept-Encoding': null },
      ...session,
      middleware: [
        (request, next) => {
          lines.push(curl(request, how));
          return next(request);
        },
      ],
    });
    yield* attempt(opened.request(method, url, options));
    return lines.join('\n');
  });
}

const PLAIN = 'curl --globoff --header Accept: --header User-Agent:';

describe('the command of a request', () => {
  test.each<[string, string, string, RequestOptions, string]>([
    ['a URL', 'GET', 'http://h.test/a', {}, `${PLAIN} http://h.test/a`],
    ['brackets and ampersands', 'GET', 'http://h.test/?a[]=1&b={2}#top', {}, `${PLAIN} 'http://h.test/?a[]=1&b={2}'`],
    [
      'HEAD',
      'HEAD',
      'http://h.test/',
      {},
      `curl --globoff --head --header Accept: --header User-Agent: http://h.test/`,
    ],
    [
      'a header with a quote, and one without a value',
      'GET',
      'http://h.test/',
      { headers: { 'X-Quote': "it's $HOME `id`", 'X-Empty': '' } },
      `${PLAIN} --header 'X-Quote: it'\\''s $HOME \`id\`' --header 'X-Empty;' http://h.test/`,
    ],
    [
      'a body that looks like the name of a file',
      'POST',
      'http://h.test/',
      { body: "@/etc/passwd\nit's", headers: { 'Content-Type': 'text/plain' } },
      `curl --globoff --request POST --header Accept: --header User-Agent: --header 'Content-Type: text/plain' --data-raw '@/etc/passwd\nit'\\''s' http://h.test/`,
    ],
  ])('with %s', async (_what, method, url, options, expected) => {
    expect(await commandOf(method, url, options)).toBe(expected);
  });

  test('tells of a proxy, a socket and an unchecked certificate', async () => {
    const proxied = await commandOf('GET', 'https://h.test/', {
      proxy: 'http://user:secret@proxy.test:3128',
      ssl: false,
    });
    expect(proxied).toBe(`${PLAIN} --insecure --proxy http://proxy.test:3128 https://h.test/`);
    expect(await commandOf('GET', 'http://h.test/', { socketPath: '/run/my socket' })).toContain(
      "--unix-socket '/run/my socket'",
    );
  });

  test('reads from a file what a line cannot hold', async () => {
    for (const body of [Uint8Array.of(1, 0, 2), Uint8Array.of(0xff), 'x'.repeat(70_000)]) {
      expect(await commandOf('POST', 'http://h.test/', { body })).toContain(' --data-binary @body ');
    }
    const stream = await commandOf('POST', 'http://h.test/', { body: () => new Blob(['streamed']).stream() });
    expect(stream).toContain(' --data-binary @body ');
  });
});

describe('secrets', () => {
  const options: RequestOptions = {
    headers: { 'X-Api-Key': 's3cret' },
    cookies: { sid: 's3cret' },
    auth: new BasicAuth('user', 's3cret'),
  };

  test('are left out of headers, cookies, URL, form and JSON', async () => {
    const lines = await gatherAll([
      commandOf('GET', 'http://u:s3cret@h.test/?token=s3cret&page=2', options),
      commandOf('POST', 'http://h.test/', { form: { user: 'u', password: 's3cret' } }),
      commandOf('POST', 'http://h.test/', { json: { user: 'u', auth: [{ client_secret: 's3cret', pin: 5 }] } }),
      commandOf('POST', 'http://h.test/', { multipart: formOf('password', 's3cret') }),
    ]);
    for (const line of lines) {
      expect(line).not.toContain('s3cret');
      expect(line).not.toContain(Buffer.from('s3cret').toString('base64').slice(2, 6));
    }
    expect(lines[0]).toContain("--header 'Authorization: (redacted)'");
    expect(lines[0]).toContain("'http://h.test/?token=(redacted)&page=2'");
    expect(lines[1]).toContain("--data-raw 'user=u&password=(redacted)'");
    expect(lines[2]).toContain(`--data-raw '{"user":"u","auth":[{"client_secret":"(redacted)","pin":5}]}'`);
  });

  test('are there with redact: false', async () => {
    const line = await commandOf('GET', 'http://h.test/?token=s3cret', options, { redact: false });
    const { authorization } = new BasicAuth('user', 's3cret');
    expect(line).toContain(`--header 'X-Api-Key: s3cret' --header 'Authorization: ${authorization}'`);
    expect(line).toContain("--header 'Cookie: sid=s3cret' 'http://h.test/?token=s3cret'");
  });
});

test('what is no request, and no option, is refused', () => {
  expect(() => curl('http://h.test/' as never)).toThrow('give the request that a middleware gets');
  expect(() => curl(fakeRequest('http://h.test/'), { redacted: false } as CurlOptions)).toThrow(
    "Did you mean 'redact'?",
  );
});

// Where there is no curl this is skipped: what the command does can only be seen by running it.
test.skipIf(spawnSync('curl', ['--version']).error !== undefined)(
  'a shell and curl send the same request',
  async () => {
    const seen: unknown[] = [];
    const server = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const names = ['accept', 'content-type', 'x-quote', 'x-empty', 'authorization', 'cookie', 'user-agent'];
        const headers = names.map((name) => request.headers[name]);
        seen.push({ method: request.method, url: request.url, headers, body: Buffer.concat(chunks).toString() });
        response.end();
      });
    });
    const nasty = 'it\'s "$HOME" `id` \\n !x\n*[a-z]{1}';
    const cases: [string, string, RequestOptions][] = [
      ['GET', '/?a[]=1&b={x,y}&c=%20', { headers: { 'X-Quote': 'a\'b "$c"', 'X-Empty': '' }, cookies: { a: '1' } }],
      ['POST', '/form', { form: { a: nasty, b: '&=@' } }],
      ['PUT', '/json', { json: { a: nasty }, auth: new BasicAuth('user', "pa'ss") }],
      ['PATCH', '/text', { body: `@${nasty}` }],
      ['DELETE', '/', {}],
      ['HEAD', '/head', { headers: { 'User-Agent': null } }],
    ];
    await run(function* () {
      const lines: string[] = [];
      const session = yield* Session.open({
        baseUrl: server.url,
        middleware: [
          (request, next) => {
            lines.push(curl(request, { redact: false }));
            return next(request);
          },
        ],
      });
      for (const [method, url, options] of cases) yield* (yield* session.request(method, url, options)).release();
      const ours = seen.splice(0);
      for (const line of lines) yield* until(() => promisify(execFile)('sh', ['-c', `${line} --silent`]));
      expect(seen).toEqual(ours);
    });
  },
);

function formOf(name: string, value: string): FormData {
  const form = new FormData();
  form.set(name, value);
  return form;
}

function gatherAll(commands: readonly Promise<string>[]): Promise<string[]> {
  return run(() => gather(commands.map((command) => until(command))));
}

test('a body of bytes that are text is text', () => {
  const body = new BufferedBody(new TextEncoder().encode('é'), 'text/plain');
  expect(curl(fakeRequest('http://h.test/', { method: 'POST', body }))).toContain("--data-raw 'é'");
});
