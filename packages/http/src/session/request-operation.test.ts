import { attempt, gather, type Operation, race, sleep, spawn, timeout } from '@coloop/core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { ClientResponseError, ContentTypeError } from '../errors.ts';
import { fetch } from '../node/fetch.ts';
import { Session } from '../node/session.ts';
import type { Response } from '../response/response.ts';
import { simulate } from '../testing/simulation.ts';
import type { RequestOperation } from './request-operation.ts';

const URL = 'http://api.test/';

/** Runs against a server that answers JSON, and with 500 at /fails; `asked` counts what reached it. */
async function withApi(body: (session: Session, asked: string[]) => Operation<void>): Promise<void> {
  await simulate(function* (net) {
    const asked: string[] = [];
    net.serve('http://api.test', function* (request) {
      asked.push(`${request.method} ${request.target}`);
      if (request.target === '/slow') yield* sleep(1_000);
      if (request.target === '/fails') return { status: 500, json: { why: 'the disk is full' } };
      if (request.target === '/text') return { body: 'no JSON', headers: { 'Content-Type': 'text/plain' } };
      return { json: { method: request.method } };
    });
    const session = yield* Session.open();
    yield* body(session, asked);
  });
}

function checkNothingHeld(session: Session): void {
  expect(session.pool.stats.busy).toBe(0);
}

describe('a request', () => {
  test('awaited as it is gives the response', async () => {
    await withApi(function* (session) {
      const response = yield* session.get(URL);
      expectTypeOf(response).toEqualTypeOf<Response>();
      expect(response.status).toBe(200);
      expect(yield* response.json()).toEqual({ method: 'GET' });
    });
  });

  test('reads its body in one step', async () => {
    await withApi(function* (session) {
      const json = yield* session.get(URL).json<{ method: string }>();
      expect(json.method).toBe('GET');
      expect(yield* session.get(URL).text()).toBe('{"method":"GET"}');
      const bytes = yield* session.get(URL).bytes();
      expectTypeOf(bytes).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
      expect(new TextDecoder().decode(bytes)).toBe('{"method":"GET"}');
      checkNothingHeld(session);
    });
  });

  test('has the same methods for every verb, for request and for the free fetch', async () => {
    await withApi(function* (session) {
      const verbs = ['get', 'post', 'put', 'patch', 'delete', 'options'] as const;
      for (const verb of verbs) expect(yield* session[verb](URL).json()).toEqual({ method: verb.toUpperCase() });
      expect(yield* session.head(URL).text()).toBe('');
      expect(yield* session.request('PURGE', URL).json()).toEqual({ method: 'PURGE' });
      expect(yield* fetch(URL).raiseForStatus().json()).toEqual({ method: 'GET' });
      expect(yield* fetch(URL, { method: 'PUT' }).text()).toBe('{"method":"PUT"}');
    });
  });

  test('takes the options of reading', async () => {
    await withApi(function* (session) {
      const failure = yield* attempt(session.get(`${URL}text`).json());
      expect(failure).toMatchObject({ ok: false, error: expect.any(ContentTypeError) });
      checkNothingHeld(session);
      const schema = {
        '~standard': {
          version: 1 as const,
          vendor: 'test',
          validate: (value: unknown) => ({ value: { seen: value } }),
        },
      };
      expect(yield* session.get(URL).json({ schema })).toEqual({ seen: { method: 'GET' } });
    });
  });

  test('raises no status unless it is asked to', async () => {
    await withApi(function* (session) {
      expect(yield* session.get(`${URL}fails`).json()).toEqual({ why: 'the disk is full' });
      const failing = session.get(`${URL}fails`).raiseForStatus();
      expectTypeOf(failing).toEqualTypeOf<RequestOperation>();
      const failure = yield* attempt(failing);
      expect(failure).toMatchObject({
        error: expect.any(ClientResponseError),
      });
      expect(failure).toMatchObject({ error: { status: 500, body: '{"why":"the disk is full"}' } });
      expect(yield* attempt(session.get(`${URL}fails`).raiseForStatus().json())).toMatchObject({ ok: false });
      expect((yield* session.get(URL).raiseForStatus()).status).toBe(200);
      yield* sleep(1_000);
      checkNothingHeld(session);
    });
  });

  test('that is cancelled while it reads gives its connection back', async () => {
    await simulate(function* (net) {
      net.serve('http://drip.test', function* (request) {
        yield* request.write('drop');
        yield* sleep(60_000);
      });
      const session = yield* Session.open();
      const result = yield* attempt(timeout(300, session.get('http://drip.test/').text()));
      expect(result.ok).toBe(false);
      // What is left of a short body is read on for a moment, to save its connection.
      yield* sleep(1_000);
      checkNothingHeld(session);
    });
  });

  test('works wherever an operation does', async () => {
    await withApi(function* (session) {
      const get = (): Operation<unknown> => session.get(URL).json();
      expect(yield* gather([session.get(URL).text(), get()])).toHaveLength(2);
      expect(yield* race([session.get(URL).text(), session.get(`${URL}slow`).text()])).toBe('{"method":"GET"}');
      expect(yield* timeout(5_000, session.get(URL).json())).toEqual({ method: 'GET' });
      const task = spawn(session.get(URL));
      expect((yield* task).status).toBe(200);
      expect(yield* spawn(session.get(URL).text())).toBe('{"method":"GET"}');
    });
  });

  test('throws at a second use, and sends nothing for it', async () => {
    await withApi(function* (session, asked) {
      const twice = /used a second time/;
      const uses: readonly ((request: RequestOperation) => Operation<unknown>)[] = [
        (request) => request,
        (request) => request.json(),
        (request) => request.text(),
        (request) => request.bytes(),
        (request) => request.raiseForStatus(),
      ];
      for (const first of uses) {
        for (const second of uses) {
          const request = session.get(URL);
          yield* first(request);
          const result = yield* attempt(second(request));
          expect(result).toMatchObject({ ok: false, error: expect.any(TypeError) });
          expect(String((result as { error: unknown }).error)).toMatch(twice);
        }
      }
      expect(asked).toHaveLength(uses.length ** 2);
      for (const use of uses) {
        const read = use(session.get(URL));
        yield* read;
        expect(String(((yield* attempt(read)) as { error: unknown }).error)).toMatch(twice);
      }
      const free = fetch(URL);
      yield* free;
      expect((yield* attempt(free.text())).ok).toBe(false);
    });
  });

  test('that another task uses meanwhile goes on', async () => {
    await withApi(function* (session, asked) {
      const request = session.get(`${URL}slow`);
      const first = spawn(request);
      yield* sleep(100);
      expect((yield* attempt(request.text())).ok).toBe(false);
      expect((yield* first).status).toBe(200);
      expect(asked).toHaveLength(1);
    });
  });

  test('that nobody awaits sends nothing', async () => {
    await withApi(function* (session, asked) {
      session.get(URL).json();
      yield* sleep(1_000);
      expect(asked).toEqual([]);
    });
  });

  test('is no more than the generator that performs it', async () => {
    await withApi(function* (session) {
      const request = session.get(URL);
      const generator = Object.getPrototypeOf(function* () {}.prototype) as object;
      expect(request).toBeInstanceOf(Object.assign(() => {}, { prototype: generator }));
      expect(Object.keys(request)).toEqual([]);
      expect(Object.prototype.toString.call(request)).toBe('[object RequestOperation]');
      yield* request;
    });
  });
});
