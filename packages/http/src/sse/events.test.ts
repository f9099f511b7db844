import { attempt, now, type Operation, run, type Source, sleep, spawn, type Task, timeout, until } from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { eventually, serve } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { ClientConnectorError, ClientPayloadError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { Response } from '../response/response.ts';
import { EventsSource } from './events.ts';

type Step = string | number | Error;

/** A connection that gives text, waits, or breaks, and ends. */
class Connection implements Source<Uint8Array> {
  readonly status: number;
  readonly headers: Headers;
  readonly url = 'https://example.com/events';
  readonly history = [];
  releases = 0;
  readonly #steps: Step[];

  constructor(steps: Step[], status = 200, type = 'text/event-stream; charset=utf-8') {
    this.#steps = steps;
    this.status = status;
    this.headers = new Headers({ 'content-type': type });
  }

  chunks(): Source<Uint8Array> {
    return this;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    const [step] = this.#steps;
    if (typeof step === 'number') yield* sleep(step);
    this.#steps.shift();
    if (step instanceof Error) throw step;
    if (typeof step === 'number') return yield* this.next();
    return step === undefined ? { done: true, value: undefined } : { done: false, value: Buffer.from(step, 'latin1') };
  }

  *release(): Operation<void> {
    this.releases++;
  }

  *close(): Operation<void> {}
}

function server(...answers: (Connection | Error)[]): {
  open: ConstructorParameters<typeof EventsSource>[0];
  asked: Record<string, string>[];
} {
  const asked: Record<string, string>[] = [];
  function* open(headers: Readonly<Record<string, string>>): Operation<Response> {
    asked.push(headers);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('the test expected no further connection');
    if (answer instanceof Error) throw answer;
    return answer as unknown as Response;
  }
  return { open, asked };
}

function* collect(source: EventsSource): Operation<string[]> {
  const seen: string[] = [];
  for (let r = yield* source.next(); !r.done; r = yield* source.next()) seen.push(`${now()} ${r.value.data}`);
  return seen;
}

const stop = (): Connection => new Connection([], 204);
const gone = new ClientConnectorError('refused');

describe('EventsSource', () => {
  test('connects again after the connection ended, saying the last id, until the server answers 204', async () => {
    const first = new Connection(['id: \u00c3\u00a9\ndata: a\n\n', 50, 'data: b\n\ndata: lost']);
    const { open, asked } = server(first, new Connection(['id:\ndata: c\n\n']), stop());
    expect(await runTest(() => collect(new EventsSource(open)))).toEqual(['0 a', '50 b', '3050 c']);
    expect(asked.map((headers) => headers['Last-Event-ID'])).toEqual([undefined, '\u00c3\u00a9', undefined]);
    expect(asked[0]).toMatchObject({ Accept: 'text/event-stream', 'Cache-Control': 'no-cache' });
    expect(first.releases).toBe(1);
  });

  test('waits as long as the server says, and longer with every try that fails', async () => {
    const { open } = server(
      new Connection(['retry: 100\n\n', new ClientPayloadError('cut')]),
      gone,
      gone,
      new Connection(['data: a\n\n']),
      stop(),
    );
    // Lost at 0; tries at 100, 300 and 700.
    expect(await runTest(() => collect(new EventsSource(open)))).toEqual(['700 a']);
  });

  test('waits for a moment where the server asks for none, unless the caller wants none either', async () => {
    const answers = (): Connection[] => [
      new Connection(['retry: 0\n\n']),
      new Connection(['retry: 1\n\n']),
      new Connection(['data: a\n\n', new ClientPayloadError('cut')]),
      new Connection([new ClientPayloadError('cut')]),
      new Connection(['data: b\n\n']),
      stop(),
    ];
    for (const [delay, expected] of [
      [undefined, ['200 a', '400 b']],
      [10, ['20 a', '40 b']],
      [0, ['1 a', '3 b']],
    ] as const) {
      const source = new EventsSource(server(...answers()).open, { reconnect: { delay } });
      expect(await runTest(() => collect(source))).toEqual(expected);
    }
  });

  test('waits no longer than the caller lets it, whatever the server says', async () => {
    const { open } = server(
      new Connection(['retry: 86400000\n\n']),
      new Connection([`retry: ${'9'.repeat(400)}\n\n`, new ClientPayloadError('cut')]),
      new Connection(['data: a\n\n']),
      stop(),
    );
    const source = new EventsSource(open, { reconnect: { delay: 10, maxDelay: 1_000 } });
    expect(await runTest(() => collect(source))).toEqual(['2000 a']);
  });

  test('gives up after as many failures in a row as it was told', async () => {
    const { open } = server(new Connection([]), gone, gone, gone);
    const source = new EventsSource(open, { reconnect: { delay: 10, attempts: 2 } });
    await expect(runTest(() => collect(source))).rejects.toBe(gone);
  });

  test('throws when the first connection fails, and when the response is not an event stream', async () => {
    await expect(runTest(() => collect(new EventsSource(server(gone).open)))).rejects.toBe(gone);
    const missing = new Connection([], 404);
    await expect(runTest(() => collect(new EventsSource(server(missing).open)))).rejects.toMatchObject({ status: 404 });
    expect(missing.releases).toBe(1);
    const page = server(new Connection([], 200, 'text/html')).open;
    await expect(runTest(() => collect(new EventsSource(page)))).rejects.toThrow(
      /"text\/html" instead of text\/event-stream/,
    );
  });

  test('does not connect again where reconnect is false', async () => {
    const { open } = server(new Connection(['data: a\n\n']));
    expect(await runTest(() => collect(new EventsSource(open, { reconnect: false })))).toEqual(['0 a']);
  });

  test('throws for an event beyond the limit and releases the connection', async () => {
    const flood = new Connection(['data: 1234567890']);
    await expect(runTest(() => collect(new EventsSource(server(flood).open, { maxEventSize: 10 })))).rejects.toThrow(
      /longer than 10 /,
    );
    expect(flood.releases).toBe(1);
  });

  test('refuses settings that make no sense', () => {
    const { open } = server();
    expect(() => new EventsSource(open, { reconnect: { attemps: 1 } as object })).toThrow(/Did you mean 'attempts'/);
    expect(() => new EventsSource(open, { reconnect: { delay: Number.NaN } })).toThrow(/NaN/);
    expect(() => new EventsSource(open, { maxEventSize: 0 })).toThrow(/maxEventSize/);
  });

  test('says done, when it is closed, to a task that waits for a response, for an event, or for the next try', async () => {
    const source = (delay: number, answer: Connection): EventsSource =>
      new EventsSource(function* () {
        yield* sleep(delay);
        return answer as unknown as Response;
      });
    await runTest(function* () {
      const silent = new Connection([1_000_000]);
      for (const each of [source(100, silent), source(0, new Connection([]))]) {
        const reading = spawn(each.next());
        yield* sleep(50);
        const before = now();
        yield* each.close();
        expect(yield* reading).toEqual({ done: true, value: undefined });
        expect(now()).toBe(before);
      }
      expect(silent.releases).toBe(0);
    });
    const server = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    });
    await run(function* () {
      const session = yield* Session.open();
      let phase = '';
      session.trace.on('phase', (event) => {
        ({ phase } = event);
      });
      const events = session.events(server.url, { reconnect: false });
      const reading = spawn(events.next());
      yield* until(eventually(() => phase === 'body'));
      yield* events.close();
      expect(yield* reading).toEqual({ done: true, value: undefined });
      expect(session.pool.stats.busy).toBe(0);
    });
  });

  test('is read by one task at a time: another one is told so, and nothing is asked for twice', async () => {
    const { open, asked } = server(new Connection([100, 'data: a\n\n', 1_000]));
    await runTest(function* () {
      const events = new EventsSource(open);
      const first = spawn(events.next());
      const second = spawn(attempt(events.next()));
      expect(yield* second).toMatchObject({
        error: { code: 'BODY_BUSY', message: expect.stringContaining('received by another task') },
      });
      expect(yield* first).toMatchObject({ value: { data: 'a' } });
    });
    expect(asked).toHaveLength(1);
  });

  test('keeps an answer that came in the very turn of a cancel', async () => {
    let opened = 0;
    let reader: Task<unknown> | undefined;
    const events = new EventsSource(function* () {
      opened++;
      reader?.cancel();
      return new Connection(['data: a\n\n']) as unknown as Response;
    });
    await runTest(function* () {
      reader = spawn(events.next());
      yield* attempt(reader);
      expect(reader.status).toBe('cancelled');
      expect(yield* events.next()).toMatchObject({ value: { data: 'a' } });
    });
    expect(opened).toBe(1);
  });

  test('loses no event when a wait for the next one is given up', async () => {
    const { open } = server(new Connection([100, 'data: a\n\n']), stop());
    const seen = await runTest(function* () {
      const source = new EventsSource(open, { reconnect: { delay: 1 } });
      try {
        yield* timeout(30, source.next());
      } catch {}
      return yield* collect(source);
    });
    expect(seen).toEqual(['130 a']);
  });

  test('splits characters and events at any byte', async () => {
    const bytes = [...'data: \u00e4\u00bd\u00a0\n\n'];
    const { open } = server(new Connection(bytes), stop());
    expect(await runTest(() => collect(new EventsSource(open, { reconnect: { delay: 0 } })))).toEqual(['0 \u4f60']);
  });
});

describe('an id that no header can carry', () => {
  test.each([
    ['a control character', '1\u0001'],
    ['a DEL', 'x\u007fy'],
    ['an escape', '\u001b[0m'],
  ])('does not end the stream: %s', async (_, id) => {
    const asked: (string | undefined)[] = [];
    const { url } = await serve((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end(asked.length === 1 ? `retry: 0\nid: ${id}\ndata: first\n\n` : 'id: 2\ndata: next\n\n');
    });
    await run(function* () {
      const session = yield* Session.open({ timeout: 5_000 });
      const events = session.events(url);
      expect((yield* events.next()).value).toMatchObject({ data: 'first', lastEventId: id });
      expect((yield* events.next()).value).toMatchObject({ data: 'next' });
      expect((yield* events.next()).value).toMatchObject({ data: 'next' });
      yield* events.close();
      // It may also come from an earlier run.
      const later = session.events(url, { lastEventId: id });
      expect((yield* later.next()).value).toMatchObject({ data: 'next' });
      yield* later.close();
    });
    expect(asked.slice(0, 4)).toEqual([undefined, undefined, '2', undefined]);
  });
});

test('one byte order mark is taken off, wherever its packets end, and not two', async () => {
  const { url } = await serve((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const text = Buffer.from(request.url === '/two' ? '\ufeff\ufeffdata: 1\n\ndata: 2\n\n' : '\ufeffdata: 1\n\n');
    for (const byte of text) response.write(Uint8Array.of(byte));
    response.end();
  });
  await run(function* () {
    const session = yield* Session.open({ timeout: 5_000 });
    expect((yield* session.events(url, { reconnect: false }).next()).value).toMatchObject({ data: '1' });
    expect((yield* session.events(`${url}/two`, { reconnect: false }).next()).value).toMatchObject({ data: '2' });
  });
});

test.each([null, 3_000, 'no', true])('refuses %j for reconnect, with what to give instead', async (reconnect) => {
  await run(function* () {
    const session = yield* Session.open();
    const open = (): unknown => session.events('http://a.test/', { reconnect: reconnect as never });
    expect(open).toThrow(/'events\.reconnect' is .*give false for no reconnecting/);
  });
});
