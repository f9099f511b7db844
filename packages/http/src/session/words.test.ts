import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { attempt, type Operation, run, spawn, tick, until } from '@coloop/core';
import { CA, type RunningServer } from '@coloop/test-servers';
import {
  eventually,
  serve,
  serveBytes,
  serveProxy,
  serveSocks,
  serveTls,
  serveWebSockets,
} from '@coloop/test-servers/vitest';
import { afterAll, describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { createSslContext } from '../connect/ssl.ts';
import { InvalidOptionError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import { filePart } from '../request/body/file-part.ts';
import { Multipart } from '../request/body/multipart.ts';
import type { RequestOptions } from '../request/options.ts';
import type { Progress } from '../request/request.ts';

const folder = mkdtempSync(join(tmpdir(), 'words-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Upload {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server that keeps what was uploaded. */
async function collector(): Promise<RunningServer & { uploads: Upload[] }> {
  const uploads: Upload[] = [];
  const running = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      uploads.push({ headers: request.headers, body: Buffer.concat(chunks) });
      response.end('ok');
    });
  });
  return Object.assign(running, { uploads });
}

function* post(url: string, options: RequestOptions): Operation<string> {
  const session = yield* Session.open();
  return yield* (yield* session.post(url, options)).text();
}

async function* chunks(count: number): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield `chunk ${i}\n`;
}

describe('uploads', () => {
  test('say their length where it is known, and go out in chunks where it is not', async () => {
    const server = await collector();
    await run(() => post(server.url, { json: { a: 1 } }));
    await run(() => post(server.url, { body: chunks(1000) }));
    await run(() => post(server.url, { body: new Blob(['blob']) }));
    const seen = server.uploads.map(({ headers }) => [
      headers['content-length'],
      headers['transfer-encoding'],
      headers['content-type'],
    ]);
    expect(seen).toEqual([
      ['7', undefined, 'application/json'],
      [undefined, 'chunked', undefined],
      ['4', undefined, undefined],
    ]);
    expect(server.uploads[1]?.body.toString()).toMatch(/^chunk 0\n.*chunk 999\n$/s);
  });

  test('of forms with streamed files arrive as every server reads them', async () => {
    const server = await collector();
    const path = join(folder, 'data.bin');
    writeFileSync(path, Buffer.alloc(500_000, 'z'));
    const form = new Multipart().append('title', 'a "title"').append('file', filePart(path));
    await run(() => post(server.url, { multipart: form }));
    const [upload] = server.uploads;
    expect(Number(upload?.headers['content-length'])).toBe(upload?.body.length);
    const back = await new Response(new Uint8Array(upload?.body ?? []), {
      headers: { 'content-type': String(upload?.headers['content-type']) },
    }).formData();
    expect(back.get('title')).toBe('a "title"');
    const file = back.get('file') as File;
    expect([file.name, file.size]).toEqual(['data.bin', 500_000]);
  });

  test('are compressed when asked for, in memory and as streams', async () => {
    const server = await collector();
    await run(() => post(server.url, { body: 'x'.repeat(10_000), compress: 'gzip' }));
    await run(() => post(server.url, { body: chunks(5000), compress: 'br' }));
    await run(() => post(server.url, { body: chunks(10), compress: 'deflate' }));
    const [gzip, br, deflate] = server.uploads as [Upload, Upload, Upload];
    expect([gzip, br, deflate].map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', 'br', 'deflate']);
    expect(zlib.gunzipSync(gzip.body).toString()).toBe('x'.repeat(10_000));
    expect(Number(gzip.headers['content-length'])).toBe(gzip.body.length);
    expect(zlib.brotliDecompressSync(br.body).toString()).toContain('chunk 4999');
    expect(zlib.inflateSync(deflate.body).toString()).toContain('chunk 9');
  });

  test('end their stream at its origin when the request fails', async () => {
    const server = await serve((request) => request.socket.destroy());
    let ended = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield 'x'.repeat(1000);
      } finally {
        ended = true;
      }
    }
    await expect(run(() => post(server.url, { body: endless() }))).rejects.toThrow();
    await eventually(() => ended);
    expect(ended).toBe(true);
  });

  test('cannot be forged through names of parts', async () => {
    const server = await collector();
    const form = new Multipart().append('a"\r\nContent-Type: text/html\r\n\r\n<script>', 'v', 'x\r\n--boundary');
    await run(() => post(server.url, { multipart: form }));
    const text = server.uploads[0]?.body.toString() ?? '';
    expect(text).not.toContain('\r\nContent-Type: text/html');
    expect(text.split('\r\n\r\n')).toHaveLength(2);
    await expect(run(() => post(server.url, { multipart: new Multipart(), body: 'x' }))).rejects.toThrow(
      InvalidOptionError,
    );
  });
});

describe('retries', () => {
  test('ask again until the server is ready, with the body', async () => {
    const busy = 'HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nbusy';
    const server = await serveBytes(busy, busy, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await run(function* () {
      const session = yield* Session.open({ retry: { attempts: 3 } });
      const response = yield* session.put(server.url, { body: () => 'again' });
      expect([response.status, yield* response.text()]).toEqual([200, 'ok']);
    });
    expect(server.heads).toHaveLength(3);
    const post = await serveBytes(busy, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await run(function* () {
      const session = yield* Session.open({ retry: { attempts: 3 } });
      expect((yield* session.post(post.url)).status).toBe(503);
    });
  });
});

describe('session.events', () => {
  test('gives events across connections and says the last id', async () => {
    const asked: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      if (asked.length === 3) {
        response.writeHead(204).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end(`retry: 1\nid: ${asked.length}\nevent: tick\ndata: ${asked.length}\n\n`);
    });
    const seen = await run(function* () {
      const session = yield* Session.open();
      const events = session.events(server.url);
      const seen: string[] = [];
      for (let r = yield* events.next(); !r.done; r = yield* events.next())
        seen.push(`${r.value.type} ${r.value.data}`);
      return seen;
    });
    expect(seen).toEqual(['tick 1', 'tick 2']);
    expect(asked).toEqual([undefined, '1', '2']);
  });
});

describe('session.download', () => {
  test('brings a file, following redirects, with progress', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { Location: '/file' }).end();
      else response.end(Buffer.alloc(200_000, 'q'));
    });
    const file = join(folder, 'out.bin');
    const reports: Progress[] = [];
    const result = await run(function* () {
      const session = yield* Session.open();
      return yield* session.download(server.url, file, { onProgress: (progress) => reports.push(progress) });
    });
    expect(result).toMatchObject({ bytes: 200_000, url: `${server.url}/file` });
    expect(readFileSync(file)).toHaveLength(200_000);
    expect(reports.at(-1)?.bytes).toBe(200_000);
  });
});

describe('session.ws', () => {
  const servers: RunningServer[] = [];

  async function echoServer(secure: boolean): Promise<string> {
    const server = await serveWebSockets(
      (peer, request) => peer.on('message', (data) => peer.send(`${request.headers.authorization ?? '-'} ${data}`)),
      { secure },
    );
    servers.push(server);
    return `${server.url.replace('http', 'ws')}/`;
  }

  function* say(url: string, options: SessionOptions = {}): Operation<string> {
    const session = yield* Session.open(options);
    const socket = yield* session.ws(url);
    yield* socket.send('hello');
    const answer = yield* socket.receive();
    yield* socket.close();
    return String(answer);
  }

  test('ends with its session, whose end is the error of a task that waits for a message', async () => {
    const url = await echoServer(false);
    await run(function* () {
      const session = yield* Session.open();
      const socket = yield* session.ws(url);
      const waiting = spawn(attempt(socket.receive()));
      yield* tick();
      yield* session.close();
      expect(yield* waiting).toMatchObject({ ok: false, error: { name: 'SessionClosedError' } });
    });
  });

  test('talks over plain and encrypted connections, with the session’s credentials', async () => {
    expect(await run(() => echoTo(false))).toBe('- hello');
    expect(await run(() => echoTo(true))).toBe('Basic dTpw hello');
    function* echoTo(secure: boolean): Operation<string> {
      const url = yield* until(echoServer(secure));
      return yield* say(
        url,
        secure ? { auth: new BasicAuth('u', 'p'), ssl: createSslContext({ ca: CA, verify: false }) } : {},
      );
    }
  });

  test('goes through http and socks proxies, always by a tunnel', async () => {
    const url = await echoServer(false);
    const proxy = await serveProxy('me:pw');
    expect(await run(() => say(url, { proxy: proxy.url, proxyAuth: new BasicAuth('me', 'pw') }))).toBe('- hello');
    expect(proxy.seen.map(({ line }) => line)).toEqual([`CONNECT ${new URL(url).host}`]);
    const socks = await serveSocks();
    expect(await run(() => say(url, { proxy: `socks5://127.0.0.1:${socks.port}` }))).toBe('- hello');
  });

  test('ends with its session', async () => {
    const url = await echoServer(false);
    const socket = await run(function* () {
      const session = yield* Session.open();
      return yield* session.ws(url, { heartbeat: 10 });
    });
    expect(socket.closed).toBe(true);
    await eventually(() => servers.every(({ open }) => open.size === 0));
    expect(servers.every(({ open }) => open.size === 0)).toBe(true);
  });

  test('shows what a server answered that speaks no WebSocket', async () => {
    const plain = await serveTls((_, response) => response.writeHead(200).end('a page'));
    const error = await run(() => say(plain.url.replace('http', 'ws'), { ssl: false })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'WebSocketHandshakeError', status: 200, body: 'a page' });
  });
});
