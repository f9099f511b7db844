import { attempt, type Operation, sleep, spawn, tick } from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { expect, test } from 'vitest';
import { ServerTimeoutError } from '../errors.ts';
import { CurrentScheduler } from '../waits.ts';
import { type BodyOwner, IncomingBody } from './incoming-body.ts';

/** A transport without a network: the test says what comes. */
class FakeBody extends IncomingBody {
  readonly trailers = undefined;
  readonly asked: string[] = [];

  headCame(): void {
    this.state = 'body';
  }

  came(size: number): boolean {
    this.deliver(new Uint8Array(size));
    return this.full;
  }

  complete(): void {
    this.closedNow();
    this.end();
  }

  protected pull(): void {
    this.asked.push('pull');
  }

  protected drain(): void {
    this.asked.push('drain');
  }

  protected failed(): void {
    this.asked.push('failed');
  }

  protected cutOff(): void {
    this.asked.push('cut off');
  }
}

function* open(idle = Number.POSITIVE_INFINITY): Operation<{ body: FakeBody; ended: IncomingBody[] }> {
  const ended: IncomingBody[] = [];
  const owner: BodyOwner = {
    scheduler: yield* new CurrentScheduler(),
    details: () => ({}),
    timeoutError: (limit) => new ServerTimeoutError(`The limit ${limit} has passed.`, { limit }),
    streamEnded: (body) => void ended.push(body),
  };
  const body = new FakeBody(owner, { idle });
  body.headCame();
  return { body, ended };
}

test('a body gives what came before, what comes while its reader waits, and its end', async () => {
  await runTest(function* () {
    const { body, ended } = yield* open();
    body.came(3);
    expect(yield* body.next()).toMatchObject({ value: { length: 3 } });
    const waiting = spawn(body.next());
    yield* tick();
    expect(body.asked).toEqual(['pull']);
    body.came(4);
    expect(yield* waiting).toMatchObject({ value: { length: 4 } });
    body.complete();
    expect(yield* body.next()).toEqual({ done: true, value: undefined });
    expect([ended, body.closed]).toEqual([[body], true]);
  });
});

test('a body that is complete gives its rest at once, unless it was released', async () => {
  await runTest(function* () {
    const { body } = yield* open();
    body.came(1);
    expect(body.restNowait()).toBeUndefined();
    body.complete();
    expect(body.restNowait()).toHaveLength(1);
    const { body: released } = yield* open();
    released.came(1);
    released.complete();
    released.closeNowait();
    expect(released.restNowait()).toBeUndefined();
    expect(yield* attempt(released.next())).toMatchObject({ error: { code: 'RELEASED' } });
  });
});

test('a release ends the wait of a reader, and closes once the connection is given back or gone', async () => {
  await runTest(function* () {
    const { body } = yield* open();
    const reading = spawn(attempt(body.next()));
    yield* tick();
    const closing = spawn(body.close());
    yield* tick();
    expect(yield* reading).toMatchObject({ error: { code: 'RELEASED' } });
    expect([body.asked, closing.done]).toEqual([['pull', 'drain'], false]);
    body.complete();
    yield* closing;
  });
});

test('a body keeps so much for a reader that does not read, in bytes and in chunks', async () => {
  await runTest(function* () {
    const { body } = yield* open();
    expect([body.came(131_072), body.came(1)]).toEqual([false, true]);
    const { body: small } = yield* open();
    for (let i = 0; i < 1_024; i++) expect(small.came(1)).toBe(false);
    expect(small.came(1)).toBe(true);
  });
});

test('the limit for one wait counts only while a reader waits, and aborts', async () => {
  await runTest(function* () {
    const { body, ended } = yield* open(1_000);
    body.came(1);
    yield* sleep(5_000);
    yield* body.next();
    yield* sleep(5_000);
    expect(body.closed).toBe(false);
    expect(yield* attempt(body.next())).toMatchObject({ error: { name: 'ServerTimeoutError', limit: 'idle' } });
    expect([body.asked, ended]).toEqual([['pull', 'failed', 'cut off'], [body]]);
    expect(yield* attempt(body.next())).toMatchObject({ error: { limit: 'idle' } });
  });
});
