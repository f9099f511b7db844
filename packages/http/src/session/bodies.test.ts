/*
 * What a caller hands in belongs to the request from that moment. Every kind of body goes through every way in which a
 * request can end. An error that reached nobody would be unhandled, and fails the run of the tests by itself.
 */
import { PassThrough, Readable } from 'node:stream';
import {
  attempt,
  forever,
  moveOnAfter,
  type Operation,
  run,
  spawn,
  TimeoutError,
  tick,
  timeout,
  until,
} from '@coloop/core';
import { eventually, serve, serveRaw } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { InvalidOptionError, ServerDisconnectedError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import { Multipart } from '../request/body/multipart.ts';
import type { RequestOptions } from '../request/options.ts';
import type { Middleware } from '../request/request.ts';
import { type Handed, kinds, loudly, quietly, source } from './handed.fixture.ts';

/** A session whose requests all go to one server. */
interface World {
  readonly url: string;
  /** Waits until the server has had so many requests that it does not answer. */
  silent(count: number): Operation<void>;
  open(options?: SessionOptions): Operation<Session>;
}

const SILENT = 'silent';

async function world(): Promise<World> {
  let silent = 0;
  const server = await serve((request, response) => {
    switch (request.url) {
      case '/silent':
        silent += 1;
        return;
      case '/early':
        response.writeHead(413, { Connection: 'close' }).end('no');
        return;
      case '/busy':
        response.writeHead(503).end();
        return;
      default:
        response.writeHead(Number(request.url?.slice(1)) || 200, { Location: '/elsewhere' }).end();
    }
  });
  return {
    url: server.url,
    silent: (count) => until(eventually(() => silent >= count)),
    open: (options = {}) => Session.open({ baseUrl: server.url, timeout: 5_000, ...options }),
  };
}

const throws: Middleware = () => {
  throw new RangeError('of the middleware');
};

/** Every way in which a request can end before its body is sent to its end. */
const exits: readonly [name: string, exit: (world: World, handed: Handed) => Operation<unknown>][] = [
  [
    'a refused connection',
    function* (_, { options }) {
      const session = yield* Session.open();
      return yield* attempt(session.post('http://127.0.0.1:1/', options));
    },
  ],
  [
    'a signal that is aborted already',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.post('/', { ...options, signal: AbortSignal.abort() }));
    },
  ],
  [
    'a signal that is aborted while it is sent',
    function* ({ open, silent }, { options }) {
      const session = yield* open();
      const controller = new AbortController();
      spawn(
        (function* (): Operation<void> {
          yield* silent(1);
          controller.abort();
        })(),
      );
      return yield* attempt(session.post(SILENT, { ...options, signal: controller.signal }));
    },
  ],
  [
    'a deadline',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* moveOnAfter(20, session.post(SILENT, options));
    },
  ],
  [
    'options that cannot be used',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.post('/', { ...options, maxRedirects: -1 }));
    },
  ],
  [
    'an option that does not exist',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.post('/', { ...options, timeOut: 5 } as RequestOptions));
    },
  ],
  [
    'a second body',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.post('/', { ...options, json: 1 }));
    },
  ],
  [
    'a URL that cannot be requested',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.post('ftp://host/', options));
    },
  ],
  [
    'a session that is closed',
    function* ({ open }, { options }) {
      const session = yield* open();
      yield* session.close();
      return yield* attempt(session.post('/', options));
    },
  ],
  [
    'a session that is closed meanwhile',
    function* ({ open, silent }, { options }) {
      const session = yield* open();
      const task = spawn(attempt(session.post(SILENT, options)));
      yield* silent(1);
      yield* session.close();
      return yield* task;
    },
  ],
  [
    'a middleware that throws',
    function* ({ open }, { options }) {
      const session = yield* open({ middleware: [throws] });
      return yield* attempt(session.post('/', options));
    },
  ],
  [
    'a middleware that answers by itself',
    function* ({ open }, { options }) {
      const session = yield* open({
        middleware: [(request, next) => next(request.with({ method: 'GET', body: null }))],
      });
      return yield* attempt(session.post('/', options));
    },
  ],
  [
    'a wait in the pool',
    function* ({ open, silent }, { options }) {
      const session = yield* open({ pool: { limit: 1 } });
      spawn(session.get(SILENT), { daemon: true });
      yield* silent(1);
      return yield* attempt(session.post('/', { ...options, timeout: { queue: 20 } }));
    },
  ],
  [
    'a redirect that keeps the body',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.post('/307', options));
    },
  ],
  [
    'a redirect that drops it',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.post('/303', options));
    },
  ],
  [
    'a status that would be tried again',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.put('/busy', { ...options, retry: { attempts: 3, delay: 1 } }));
    },
  ],
  [
    'a server that answers early',
    function* ({ open }, { options }) {
      const session = yield* open();
      return yield* attempt(session.post('/early', options));
    },
  ],
];

describe.each(kinds)('%s is closed once, and the rest of the program goes on, after', (_, make) => {
  test.each(exits)('%s', async (__, exit) => {
    for (const cleanup of [quietly, loudly]) {
      const where = await world();
      const handed = make(cleanup);
      const rest = await run(function* () {
        yield* exit(where, handed);
        yield* until(eventually(() => handed.closed() > 0));
        return 'went on';
      });
      expect([rest, handed.closed()]).toEqual(['went on', 1]);
    }
  });
});

const values: readonly [name: string, value: unknown][] = [
  ['an error', new Error('mine')],
  ['an error with a code of the system', Object.assign(new Error('mine'), { code: 'ENOENT', syscall: 'open' })],
  ['a reset of another connection', Object.assign(new Error('mine'), { code: 'ECONNRESET' })],
  ['an error of another request', new ServerDisconnectedError('mine')],
  ['a deadline of its own', new TimeoutError('mine')],
  ['a code of the codec', Object.assign(new Error('mine'), { code: 'UND_ERR_SOCKET' })],
  ['a text', 'mine'],
  ['null', null],
  ['undefined', undefined],
  ['zero', 0],
];

describe.each(kinds)('%s that fails is the error of its request, as it is, at once and only once, with', (_, make) => {
  test.each(values)('%s', async (__, value) => {
    let bytes = 0;
    const server = await serveRaw((socket) => {
      socket.on('data', ({ length }) => {
        bytes += length;
      });
    });
    const handed = make(quietly);
    await run(function* () {
      const session = yield* Session.open({ timeout: 5_000 });
      const options = { ...handed.options, retry: { attempts: 3, delay: 1 } };
      const task = spawn(attempt(session.put(server.url, options)));
      yield* until(eventually(() => bytes > 0));
      handed.fail(value);
      const tried = yield* timeout(1_000, task);
      expect(tried.ok).toBe(false);
      expect(!tried.ok && tried.error).toBe(value);
    });
    expect(server.accepted).toBe(1);
  });
});

describe('a body that a function makes', () => {
  test.each(values)('fails its request as it is, and is not made again, with %s', async (_, value) => {
    const where = await world();
    let made = 0;
    await run(function* () {
      const session = yield* where.open();
      for (const retry of [false, { attempts: 3, delay: 1 }] as const) {
        made = 0;
        const body = async function* (): AsyncGenerator<string> {
          made += 1;
          yield 'a';
          throw value;
        };
        const tried = yield* attempt(session.put('/', { body: () => body(), retry }));
        expect([!tried.ok && tried.error, made]).toEqual([value, 1]);
        const throwing = (): never => {
          made += 1;
          throw value;
        };
        const thrown = yield* attempt(session.put('/', { body: throwing, retry }));
        expect([!thrown.ok && thrown.error, made]).toEqual([value, 2]);
      }
    });
  });
});

describe('what listens while nothing is read yet', () => {
  const listened = kinds.filter(([name]) => name === 'a stream of Node' || name === 'a web stream');

  test.each(listened)('%s that fails in the queue of the pool fails its request there, at once', async (_, make) => {
    const where = await world();
    for (const [, value] of values) {
      await run(function* () {
        const session = yield* where.open({ pool: { limit: 1 } });
        spawn(session.get(SILENT), { daemon: true });
        yield* tick();
        const handed = make(quietly);
        const task = spawn(attempt(session.post('/', handed.options)));
        yield* tick();
        handed.fail(value);
        const tried = yield* timeout(1_000, task);
        expect(!tried.ok && [tried.error]).toEqual([value]);
      });
    }
  });

  test.each(listened)('%s that fails before its request is awaited fails it, and ends no process', async (_, make) => {
    const where = await world();
    for (const [, value] of values) {
      await run(function* () {
        const session = yield* where.open();
        const handed = make(quietly);
        const request = session.post('/', handed.options);
        handed.fail(value);
        yield* tick();
        const tried = yield* attempt(request);
        expect(!tried.ok && [tried.error]).toEqual([value]);
        expect(session.pool.stats.created).toBe(0);
      });
    }
  });

  test('an error of a stream that came before the request is told as it is, and ends no process', async () => {
    const where = await world();
    const error = Object.assign(new Error('mine'), { code: 'ENOENT' });
    await run(function* () {
      const session = yield* where.open();
      const failed = new PassThrough();
      failed.destroy(error);
      const tried = yield* attempt(session.post('/', { body: failed }));
      expect(!tried.ok && tried.error).toBe(error);
    });
  });
});

describe('a stream that has nothing left is BODY_SPENT before anything is sent', () => {
  function* refused(session: Session, options: RequestOptions): Operation<void> {
    const { created } = session.pool.stats;
    const tried = yield* attempt(session.post('/', options));
    expect(!tried.ok && tried.error).toBeInstanceOf(InvalidOptionError);
    expect(!tried.ok && tried.error).toMatchObject({ code: 'BODY_SPENT' });
    expect(session.pool.stats.created).toBe(created);
  }

  test('since another request has sent it', async () => {
    const where = await world();
    await run(function* () {
      const session = yield* where.open();
      const iterable = (async function* (): AsyncGenerator<string> {
        yield 'abc';
      })();
      const bodies = [
        Readable.from(['abc']),
        new Blob(['abc']).stream(),
        iterable,
        {
          ...source(quietly).source,
          *next(): Operation<IteratorResult<string, void>> {
            return { done: true, value: undefined };
          },
        },
      ];
      for (const body of bodies) {
        expect((yield* session.post('/', { body })).status).toBe(200);
        yield* refused(session, { body });
        yield* refused(session, { body: () => body });
        yield* refused(session, { multipart: new Multipart().append('file', body) });
      }
    });
  });

  test('since another request is sending it; that one goes on', async () => {
    const where = await world();
    await run(function* () {
      const session = yield* where.open();
      for (const [index, [name, make]] of kinds.entries()) {
        const { options, closed } = make(quietly);
        const task = spawn(attempt(session.post(SILENT, options)));
        yield* where.silent(index + 1);
        yield* refused(session, options);
        expect([name, closed(), task.done]).toEqual([name, 0, false]);
        yield* task.cancel();
      }
    });
  });

  test('since it was read, locked, or destroyed by its owner', async () => {
    const where = await world();
    const ended = Readable.from(['abc']);
    for await (const _ of ended);
    const destroyed = new PassThrough();
    destroyed.destroy();
    const locked = new ReadableStream();
    locked.getReader();
    const read = new Blob(['abc']).stream();
    const reader = read.getReader();
    while (!(await reader.read()).done);
    reader.releaseLock();
    await run(function* () {
      const session = yield* where.open();
      for (const body of [ended, destroyed, locked, read]) yield* refused(session, { body });
      const twice = Readable.from(['abc']);
      yield* refused(session, { multipart: new Multipart().append('one', twice).append('two', twice) });
    });
  });

  test('while an iterable that begins anew for each of its readers can be sent again', async () => {
    const where = await world();
    const body = {
      async *[Symbol.asyncIterator](): AsyncGenerator<string> {
        yield 'abc';
      },
    };
    await run(function* () {
      const session = yield* where.open();
      for (let turn = 0; turn < 2; turn++) expect((yield* session.post('/', { body })).status).toBe(200);
    });
  });
});

describe('a callback of the caller that throws', () => {
  test.each([
    ['upload', { body: new Uint8Array(1e6) }],
    ['download', {}],
  ])('onProgress of an %s is the error of its request, as it is, and not tried again', async (_, options) => {
    const server = await serve((request, response) => {
      request.resume().on('end', () => response.end('some bytes'));
    });
    const mine = Object.assign(new Error('mine'), { code: 'ECONNRESET' });
    let calls = 0;
    await run(function* () {
      const session = yield* Session.open();
      const onProgress = (): never => {
        calls += 1;
        throw mine;
      };
      const asking = (function* (): Operation<string> {
        const response = yield* session.put(server.url, { ...options, onProgress, retry: { attempts: 3, delay: 1 } });
        return yield* response.text();
      })();
      const tried = yield* attempt(asking);
      expect(!tried.ok && tried.error).toBe(mine);
    });
    expect(calls).toBe(1);
  });
});

describe('a signal that requests share', () => {
  test('costs one listener for a thousand of them, and none afterwards', async () => {
    const where = await world();
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listeners += 1;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...given);
    };
    await run(function* () {
      const session = yield* where.open({ signal, pool: { limit: 4 } });
      const tasks = Array.from({ length: 1_000 }, (_, index) =>
        spawn(attempt(session.get(index === 0 ? SILENT : '/'))),
      );
      yield* where.silent(1);
      expect(listeners).toBe(1);
      for (const task of tasks.slice(1)) expect((yield* task).ok).toBe(true);
      controller.abort(new Error('enough'));
      expect(yield* tasks[0] ?? forever()).toMatchObject({ ok: false, error: { message: 'enough' } });
    });
    expect(listeners).toBe(0);
  });

  test('begins nothing where it is aborted already', async () => {
    const where = await world();
    await run(function* () {
      const session = yield* where.open();
      const reason = new Error('too late');
      const tried = yield* attempt(session.get('/', { signal: AbortSignal.abort(reason) }));
      expect(!tried.ok && tried.error).toBe(reason);
      expect(session.pool.stats.created).toBe(0);
    });
  });
});
