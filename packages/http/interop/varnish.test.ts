import { writeFileSync } from 'node:fs';
import { attempt, gather, run } from '@coloop/core';
import { Session } from '@coloop/http';
import { freePort, startHttp } from '@coloop/test-servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { directoryWith, find, start, titleOf, untilFileEnds } from './daemon.ts';
import { servesFiles, TEXT } from './site.ts';

describe.skipIf(find('varnishd') === undefined)(titleOf('varnish', 'varnishd'), () => {
  let base: string;
  let asked = 0;
  let cut = (): void => undefined;

  beforeAll(async () => {
    const site = startHttp((request, response) => {
      if (request.url === '/missing.txt') {
        response.writeHead(404).end('Not found');
        return;
      }
      if (request.url === '/cut') {
        response.setHeader('Cache-Control', 'no-store');
        response.writeHead(200, { 'Content-Type': 'text/plain' });
        response.write('begun');
        cut = () => response.destroy();
        return;
      }
      asked += 1;
      response.writeHead(200, {
        'Content-Type': 'text/plain',
        'Last-Modified': 'Sun, 22 Nov 2026 12:00:00 GMT',
        ETag: '"one"',
        'Cache-Control': 'max-age=60',
      });
      response.end(request.method === 'HEAD' ? undefined : TEXT);
    });
    const behind = new URL((await untilFileEnds(site)).url);
    const port = await freePort();
    const directory = await directoryWith({});
    writeFileSync(
      `${directory}/site.vcl`,
      `vcl 4.1;
backend default { .host = "${behind.hostname}"; .port = "${behind.port}"; }
sub vcl_backend_response {
  if (beresp.http.Content-Type ~ "text") { set beresp.do_gzip = true; }
}
sub vcl_recv {
  if (req.url == "/made") { return (synth(418, "Short and stout")); }
}
`,
    );
    const parameters = ['-F', '-j', 'none', '-n', `${directory}/work`, '-a', `127.0.0.1:${port}`];
    await start('varnishd', [...parameters, '-f', `${directory}/site.vcl`, '-s', 'malloc,32m'], port);
    base = `http://127.0.0.1:${port}`;
  });

  servesFiles(() => base);

  test('answers from its cache, one request at the origin for many', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base });
      const before = asked;
      const texts = yield* gather(Array.from({ length: 20 }, () => session.get('/other.txt').text()));
      expect(texts.every((text) => text === TEXT)).toBe(true);
      expect(asked - before).toBe(1);
      const cached = yield* session.get('/other.txt');
      expect(cached.headers.get('age')).toMatch(/^\d+$/);
      expect(cached.headers.get('via')).toContain('arnish');
      yield* cached.release();
    });
  });

  test('gives a reason of its own, and a body that was cut is an error', async () => {
    await run(function* () {
      const session = yield* Session.open({ baseUrl: base });
      const made = yield* session.get('/made');
      expect([made.status, made.reason]).toEqual([418, 'Short and stout']);
      expect(yield* made.text()).toContain('Short and stout');
      // A fetch that fails before the delivery has begun is an answer of 503: the origin waits for the head to be here.
      const begun = yield* session.get('/cut');
      expect(begun.status).toBe(200);
      cut();
      expect(yield* attempt(begun.text())).toMatchObject({
        ok: false,
        error: { name: expect.stringMatching(/Payload|Encoding|Disconnected/) },
      });
    });
  });
});
