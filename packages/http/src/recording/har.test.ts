import { gzipSync } from 'node:zlib';
import { attempt, gather, sleep } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { Session } from '../node/session.ts';
import { simulate } from '../testing/simulation.ts';
import { har } from './har.ts';
import type { Har } from './types.ts';

type Check = (value: unknown, at: string) => void;

function fail(at: string, value: unknown): never {
  throw new Error(`${at} is ${JSON.stringify(value)}`);
}

const text: Check = (value, at) => void (typeof value === 'string' || fail(at, value));
const number: Check = (value, at) =>
  void ((typeof value === 'number' && (value === -1 || value >= 0)) || fail(at, value));
const time: Check = (value, at) =>
  void ((typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) || fail(at, value));
const maybe =
  (check: Check): Check =>
  (value, at) =>
    void (value === undefined || check(value, at));
const list =
  (check: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value)) fail(at, value);
    for (const [index, item] of value.entries()) check(item, `${at}[${index}]`);
  };
/** An object with these members and no others. */
const object =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(at, value);
    for (const name of Object.keys(value))
      if (!Object.hasOwn(members, name)) fail(`${at}.${name}, which the format does not have,`, value);
    for (const [name, check] of Object.entries(members))
      check((value as Record<string, unknown>)[name], `${at}.${name}`);
  };

// The schema of HAR 1.2, sections "entries" to "timings".
const pair = object({ name: text, value: text, comment: maybe(text) });
const HAR = object({
  log: object({
    version: (value, at) => void (value === '1.2' || fail(at, value)),
    creator: object({ name: text, version: text, comment: maybe(text) }),
    entries: list(
      object({
        startedDateTime: time,
        time: number,
        request: object({
          method: text,
          url: text,
          httpVersion: text,
          cookies: list(pair),
          headers: list(pair),
          queryString: list(pair),
          postData: maybe(object({ mimeType: text, text, comment: maybe(text) })),
          headersSize: number,
          bodySize: number,
        }),
        response: object({
          status: number,
          statusText: text,
          httpVersion: text,
          cookies: list(pair),
          headers: list(pair),
          content: object({
            size: number,
            mimeType: text,
            text: maybe(text),
            encoding: maybe(text),
            comment: maybe(text),
          }),
          redirectURL: text,
          headersSize: number,
          bodySize: number,
        }),
        cache: object({}),
        timings: object({
          blocked: number,
          dns: number,
          connect: number,
          ssl: number,
          send: number,
          wait: number,
          receive: number,
        }),
        comment: maybe(text),
      }),
    ),
  }),
});

/** What was recorded, as a reader of the file gets it. */
function checked(recorded: Har): Har {
  const file = JSON.parse(JSON.stringify(recorded)) as Har;
  HAR(file, 'har');
  return file;
}

describe('a recording', () => {
  test('is HAR 1.2 with the phases as they were', async () => {
    await simulate(
      function* (net) {
        net.serve('https://api.test', function* (request) {
          yield* sleep(50);
          yield* request.start(200, { 'Content-Type': 'text/plain' });
          yield* request.write('hel');
          yield* sleep(30);
          yield* request.write('lo');
        });
        const session = yield* Session.open();
        const recording = har(session);
        yield* session.get('https://api.test/a?page=2').text();
        yield* session.post('https://api.test/b', { json: { a: 1 } }).text();
        const [first, second] = checked(recording.stop()).log.entries;
        expect(first).toMatchObject({
          time: 160,
          request: {
            method: 'GET',
            url: 'https://api.test/a?page=2',
            queryString: [{ name: 'page', value: '2' }],
            bodySize: 0,
          },
          response: { status: 200, statusText: 'OK', content: { size: 5, mimeType: 'text/plain' }, bodySize: 5 },
          timings: { dns: 20, connect: 40, ssl: 20, send: 0, wait: 70, receive: 30 },
        });
        expect(second).toMatchObject({
          request: { method: 'POST', bodySize: 7 },
          timings: { dns: -1, connect: -1, ssl: -1 },
        });
        expect(second?.request.headers).toContainEqual({ name: 'Content-Type', value: 'application/json' });
        expect(second?.request).not.toHaveProperty('postData');
        expect(first?.response.content).not.toHaveProperty('text');
      },
      { latency: 10 },
    );
  });

  test('has an entry for each hop and each attempt, and for what failed', async () => {
    await simulate(function* (net) {
      let busy = 2;
      net.serve('http://api.test', (request) => {
        if (request.target === '/moved') return { status: 302, headers: { Location: '/end?token=s3cret' } };
        if (request.target === '/busy' && busy-- > 0) return { status: 503 };
        return 'done';
      });
      const session = yield* Session.open();
      const recording = har(session);
      yield* session.get('http://api.test/moved').text();
      yield* session.get('http://api.test/busy', { retry: { attempts: 3 } }).text();
      yield* attempt(session.get('http://nowhere.test/'));
      const { entries } = checked(recording.stop()).log;
      expect(entries.map(({ request, response }) => `${request.url} ${response.status}`)).toEqual([
        'http://api.test/moved 302',
        'http://api.test/end?token=(redacted) 200',
        'http://api.test/busy 503',
        'http://api.test/busy 503',
        'http://api.test/busy 200',
        'http://nowhere.test/ 0',
      ]);
      expect(entries[0]?.response.redirectURL).toBe('http://api.test/end?token=(redacted)');
      expect(entries[5]?.comment).toContain('nowhere.test');
    });
  });

  test('holds no secret, unless it is told to', async () => {
    const record = (redact: boolean): Promise<string> =>
      simulate(function* (net) {
        net.proxy('http://ada:s3cret@proxy.test:3128');
        net.serve('http://api.test', () => ({
          headers: { 'Set-Cookie': 'id=s3cret', Location: 'http://ada:s3cret@api.test/?access_token=s3cret' },
        }));
        const session = yield* Session.open({
          proxy: 'http://ada:s3cret@proxy.test:3128',
          headers: { Authorization: 'Bearer s3cret', Referer: 'http://x.test/?API-Key=s3cret' },
        });
        session.cookieJar?.set('id=s3cret', 'http://api.test/');
        const recording = har(session, { redact, redactParams: ['ticket_number'] });
        yield* session
          .get('http://ada:s3cret@api.test/?password=s3cret&TicketNumber=s3cret&page=7', { cookies: { a: 's3cret' } })
          .text();
        return JSON.stringify(checked(recording.stop()));
      });
    const redacted = await record(true);
    expect(redacted).not.toContain('s3cret');
    expect(redacted).not.toContain(Buffer.from('ada:s3cret').toString('base64'));
    expect(redacted).toContain('page=7');
    const whole = await record(false);
    for (const part of ['Bearer s3cret', 'password=s3cret', 'id=s3cret']) expect(whole).toContain(part);
  });

  test('has bodies where they are asked for, decoded, and no more of them than that', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', (request) => {
        if (request.target === '/zip') {
          const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' };
          return { headers, body: gzipSync('{"a":1}') };
        }
        if (request.target === '/image')
          return { headers: { 'Content-Type': 'image/png' }, body: Uint8Array.of(1, 2, 255) };
        return { headers: { 'Content-Type': 'text/plain' }, body: 'x'.repeat(1_000) };
      });
      const session = yield* Session.open({ baseUrl: 'http://api.test' });
      const recording = har(session, { bodies: 100 });
      expect(yield* session.get('/zip').json()).toEqual({ a: 1 });
      yield* session.get('/image').bytes();
      yield* session.post('/long', { body: 'y'.repeat(500), headers: { 'Content-Type': 'text/plain' } }).text();
      const [zip, image, long] = checked(recording.stop()).log.entries;
      expect(zip?.response.content).toMatchObject({ mimeType: 'application/json', text: '{"a":1}' });
      expect(image?.response.content).toMatchObject({ text: 'AQL/', encoding: 'base64' });
      expect(long?.response.content).toMatchObject({
        size: 1_000,
        text: 'x'.repeat(100),
        comment: 'the first 100 bytes',
      });
      expect(long?.request.postData).toMatchObject({ mimeType: 'text/plain', text: 'y'.repeat(100) });
    });
  });

  test('begins and ends when it is told to, in the middle of requests as well', async () => {
    await simulate(function* (net) {
      net.serve('http://api.test', function* (request) {
        yield* sleep(Number(request.target.slice(1)));
        return 'done';
      });
      const session = yield* Session.open({ baseUrl: 'http://api.test' });
      yield* session.get('/0').text();
      const recording = har(session);
      const results = yield* gather([
        session.get('/10').text(),
        session.get('/500').text(),
        (function* () {
          yield* sleep(100);
          return recording.stop();
        })(),
      ]);
      yield* session.get('/0').text();
      const { entries } = checked(results[2]).log;
      expect(entries.map(({ request, response }) => [request.url, response.status])).toEqual([
        ['http://api.test/10', 200],
        ['http://api.test/500', 0],
      ]);
      expect(recording.stop().log.entries).toHaveLength(2);
    });
  });

  test.each([{ bodies: -1 }, { bodies: 'all' }, { redact: 1 }, { redactParams: 'token' }, { file: 'a.har' }])(
    'takes no %j',
    async (options) => {
      await simulate(function* () {
        const session = yield* Session.open();
        expect(() => har(session, options as never)).toThrow(InvalidOptionError);
      });
    },
  );
});
