/* What a caller hands in for events, a WebSocket, a download or a free fetch belongs to it from the call on, too. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { attempt, type Operation, race, run, sleep, until } from '@coloop/core';
import { eventually, serve } from '@coloop/test-servers/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Session as BrowserSession, fetch as browserFetch } from '../browser.ts';
import { type FetchOptions, fetch } from '../node/fetch.ts';
import { Session } from '../node/session.ts';
import type { RequestOptions } from '../request/options.ts';
import { type Handed, kinds, quietly } from './handed.fixture.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handed-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A session of each door. */
interface Doors {
  readonly node: Session;
  readonly browser: BrowserSession;
}

/** What is no object is given as it is. */
function posted(options: Streams): FetchOptions {
  return typeof options === 'object' && options !== null && !Array.isArray(options)
    ? { method: 'POST', ...options }
    : options;
}

function* openBoth(): Operation<Doors> {
  return { node: yield* Session.open(), browser: yield* BrowserSession.open() };
}

/** Also what is thrown at the call. */
function* trying(begin: () => Operation<unknown>): Operation<unknown> {
  return yield* begin();
}

type Streams = Pick<RequestOptions, 'body' | 'multipart'>;
type Begin = (doors: Doors, url: string, options: Streams) => Operation<unknown>;

/** Every word beside the verbs that takes the options of a request. */
const words: readonly [name: string, begin: Begin][] = [
  ['session.events', ({ node }, url, options) => node.events(url, options).next()],
  ['session.ws', ({ node }, url, options) => node.ws(url, options)],
  ['session.download', ({ node }, url, options) => node.download(url, join(folder, 'file'), options)],
  ['fetch', (_, url, options) => fetch(url, options)],
  ['fetch with a method', (_, url, options) => fetch(url, posted(options))],
  ['session.events of browsers', ({ browser }, url, options) => browser.events(url, options).next()],
  ['session.ws of browsers', ({ browser }, url, options) => browser.ws(url, options)],
  ['fetch of browsers', (_, url, options) => browserFetch(url, posted(options))],
];

const listened = kinds.filter(([name]) => name === 'a stream of Node' || name === 'a web stream');

describe.each(words)('%s', (_, begin) => {
  test.each(listened)(
    'fails with the error of %s that fails before it is awaited, and ends no process',
    async (__, make) => {
      const { url, accepted } = await serve((__, response) => response.end());
      for (const error of [new Error('mine'), null]) {
        await run(function* () {
          const doors = yield* openBoth();
          const handed = make(quietly);
          const begun = begin(doors, url, handed.options);
          handed.fail(error);
          // Real time: a web stream tells of it in a turn of the platform.
          yield* sleep(1);
          const tried = yield* attempt(begun);
          expect(!tried.ok && [tried.error]).toEqual([error]);
        });
      }
      expect(accepted).toBe(0);
    },
  );

  test.each(kinds)('closes %s that it could not send', async (_, make) => {
    const missing = await serve((__, response) => response.writeHead(404).end());
    const ways: readonly [url: string, options: object][] = [
      ['http://127.0.0.1:1/', {}],
      ['ftp://host/', {}],
      [missing.url, { timeOut: 1 }],
      [missing.url, { maxRedirects: -1 }],
      [missing.url, { json: 1 }],
    ];
    for (const [url, more] of ways) {
      const handed = make(quietly);
      await run(function* () {
        const doors = yield* openBoth();
        const tried = yield* attempt(trying(() => begin(doors, url, { ...handed.options, ...more })));
        expect(tried.ok).toBe(false);
      });
      expect([url, more, handed.closed()]).toEqual([url, more, 1]);
    }
  });

  test('takes no stream that another request has taken', async () => {
    const { url } = await serve((_, response) => response.end());
    await run(function* () {
      const doors = yield* openBoth();
      const body = new PassThrough();
      const first = doors.node.post(url, { body });
      const tried = yield* attempt(trying(() => begin(doors, url, { body })));
      expect(tried).toMatchObject({ ok: false, error: { code: 'BODY_SPENT' } });
      expect(body.destroyed).toBe(false);
      body.end('x');
      expect((yield* first).status).toBe(200);
    });
  });
});

describe('events with a stream', () => {
  test.each(kinds)('close %s with themselves, whether they were read or not', async (_, make) => {
    for (const isRead of [true, false]) {
      const silent = await serve((__, response) =>
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders(),
      );
      const handed: Handed = make(quietly);
      await run(function* () {
        const session = yield* Session.open();
        const events = session.events(silent.url, handed.options);
        // Real time: nothing tells when the request of events that do not come was sent.
        if (isRead) yield* race([events.next(), sleep(50)]);
        yield* events.close();
        yield* until(eventually(() => handed.closed() > 0));
        expect(handed.closed()).toBe(1);
      });
    }
  });

  test('say that it is spent instead of sending an empty body, when the connection is lost or was never there', async () => {
    const bodies: string[] = [];
    const server = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end('data: 1\n\n');
      });
    });
    await run(function* () {
      const session = yield* Session.open();
      const body = new PassThrough();
      body.end('question');
      const events = session.events(server.url, { body, reconnect: { delay: 1 } });
      expect((yield* events.next()).value).toMatchObject({ data: '1' });
      expect(yield* attempt(events.next())).toMatchObject({ ok: false, error: { code: 'BODY_SPENT' } });
      const unsent = session.events('http://127.0.0.1:1/', { body: new PassThrough() });
      expect((yield* attempt(unsent.next())).ok).toBe(false);
      expect(yield* attempt(unsent.next())).toMatchObject({ ok: false, error: { code: 'BODY_SPENT' } });
    });
    expect(bodies).toEqual(['question']);
  });
});

test('a download keeps a stream for the next try until one has begun to send it', async () => {
  let asked = 0;
  const bodies: string[] = [];
  const server = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      bodies.push(body);
      response.end('file');
    });
  });
  const file = join(folder, 'tried');
  await run(function* () {
    const session = yield* Session.open({
      middleware: [
        (request, next) => {
          asked += 1;
          return next(asked === 1 ? request.with({ url: new URL('http://127.0.0.1:1/') }) : request);
        },
      ],
    });
    const body = new PassThrough();
    body.end('question');
    yield* session.download(server.url, file, { body });
    expect(existsSync(file) && readFileSync(file, 'utf8')).toBe('file');
  });
  expect([asked, bodies]).toEqual([2, ['question']]);
});

test.each([null, 5, 'text', [[]], true].map((value) => [value]))(
  'options that are %j are refused by every word',
  async (value) => {
    const server = await serve((_, response) => response.end());
    await run(function* () {
      const doors = yield* openBoth();
      for (const [, begin] of words) {
        const tried = yield* attempt(trying(() => begin(doors, server.url, value as never)));
        expect(tried).toMatchObject({ ok: false, error: { name: 'InvalidOptionError' } });
      }
    });
    expect(server.accepted).toBe(0);
  },
);

test.each(kinds)('a session that is refused since it was given a body closes it: %s', async (_, make) => {
  for (const open of [Session.open, BrowserSession.open]) {
    const handed = make(quietly);
    await run(function* () {
      const tried = yield* attempt<unknown>(open({ ...handed.options } as object));
      expect(tried).toMatchObject({ ok: false, error: { name: 'InvalidOptionError' } });
      handed.fail(new Error('of nobody any more'));
    });
    expect(handed.closed()).toBe(1);
  }
});

test('the handshake of a WebSocket has no body', async () => {
  const server = await serve((_, response) => response.end());
  await run(function* () {
    const { node, browser } = yield* openBoth();
    for (const make of [() => ({ json: 1 }), () => ({ form: { a: '1' } }), () => ({ body: new PassThrough() })]) {
      for (const opening of [node.ws(server.url, make()), browser.ws(server.url, make())]) {
        const tried = yield* attempt<unknown>(opening);
        expect(tried).toMatchObject({ ok: false, error: { name: 'InvalidOptionError' } });
      }
    }
  });
  expect(server.accepted).toBe(0);
});
