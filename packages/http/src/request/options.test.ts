import { type Operation, run } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { createSslContext } from '../connect/ssl.ts';
import { InvalidOptionError } from '../errors.ts';
import { Session, type SessionOptions } from '../node/session.ts';
import type { RequestOptions } from './options.ts';

function* get(url: string, options: unknown): Operation<void> {
  const session = yield* Session.open();
  using _response = yield* session.post(url, options as RequestOptions);
}

function* opened(options: unknown): Operation<void> {
  yield* Session.open(options as SessionOptions);
}

describe('an option with a value that it cannot have is refused before anything is sent', () => {
  const wrong: [what: string, options: unknown, message: RegExp][] = [
    ['null instead of options', null, /options/],
    ['a list instead of options', [], /as an object, not an array/],
    ['a coding that cannot be put on', { body: 'x', compress: 'zip' }, /compress' is "zip".*'gzip'/],
    ['cookies as text', { cookies: 'a=b' }, /'cookies' is a string: give a record/],
    ['cookies as a list', { cookies: ['a=b'] }, /'cookies' is .*record/],
    ['a signal that is not one', { signal: {} }, /signal' is .*AbortController/],
    ['a bigint of milliseconds', { timeout: 5n }, /timeout' is 5/],
    ['statuses that are one number', { retry: { attempts: 2, statuses: 500 } }, /retry\.statuses' is 500: give a list/],
    ['statuses as text', { retry: { attempts: 2, statuses: ['500'] } }, /'retry\.statuses' is "500"/],
    ['methods as one word', { retry: { attempts: 2, methods: 'POST' } }, /retry\.methods' is "POST": give a list/],
    ['methods that are not tokens', { retry: { attempts: 2, methods: [5] } }, /'retry\.methods' is 5/],
  ];
  test.each(wrong)('%s', async (_, options, message) => {
    const server = await serve((_request, response) => response.end());
    const failure = await run(() => get(server.url, options)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidOptionError);
    expect((failure as Error).message).toMatch(message);
    expect(server.accepted).toBe(0);
  });

  const unopened: [what: string, options: unknown, message: RegExp][] = [
    ['trustEnv as text', { trustEnv: 'yes' }, /trustEnv' is "yes"/],
    ['allowOtherOrigins as text', { allowOtherOrigins: 'no' }, /allowOtherOrigins' is "no"/],
    ['a pool that is a number', { pool: 5 }, /pool' is 5/],
    ['one middleware instead of a list', { middleware: () => undefined }, /'middleware' is .*give a list/],
    ['a middleware that is not a function', { middleware: [5] }, /'middleware' is .*give a list/],
    ['a coding that cannot be put on', { compress: 'zip' }, /compress' is "zip"/],
    ['a signal that is not one', { signal: 5 }, /signal' is 5/],
    ['cookies as a number', { cookies: 5 }, /'cookies' is a number/],
    ['a name as Python writes it', { raise_for_status: true }, /'raise_for_status'. Did you mean 'raiseForStatus'/],
    ['a name of another client', { verify: false }, /'verify'. Did you mean 'verifySsl'/],
    ['a limit as aiohttp calls it', { timeout: { sock_read: 5 } }, /'sock_read'. Did you mean 'idle'/],
    ['a setting of the pool as Python writes it', { pool: { limit_per_host: 5 } }, /Did you mean 'limitPerHost'/],
    ['retries as a number', { retry: 3 }, /'retry' is 3: give an object, as in { attempts: 3 }/],
    ['retries without their number', { retry: {} }, /'retry.attempts' is not given/],
    ['an empty list of pins', { ssl: { fingerprint: [] } }, /ssl\.fingerprint' is an empty list/],
  ];
  test.each(unopened)('of a session: %s', async (_, options, message) => {
    const failure = await run(() => opened(options)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidOptionError);
    expect((failure as Error).message).toMatch(message);
  });

  test.each<[what: string, open: (session: Session) => unknown, message: RegExp]>([
    ['a WebSocket', (session) => session.ws('http://a.test/', { heartbeet: 5 } as never), /Did you mean 'heartbeat'/],
    ['events', (session) => session.events('http://a.test/', { reconect: {} } as never), /Did you mean 'reconnect'/],
    ['a download', (session) => session.download('http://a.test/', 'f', { atempts: 1 } as never), /'attempts'/],
    ['a WebSocket', (session) => session.ws('http://a.test/', { compress: 5 } as never), /'ws\.compress' is 5/],
    ['a WebSocket', (session) => session.ws('http://a.test/', null as never), /session\.ws takes its options/],
  ])('of %s, whose own options are hinted at too', async (_, open, message) => {
    const failure = await run(function* () {
      const session = yield* Session.open();
      const operation = open(session);
      if (typeof operation === 'object' && operation !== null) yield* operation as Operation<unknown>;
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidOptionError);
    expect((failure as Error).message).toMatch(message);
  });

  test('TLS settings that are not an object', () => {
    expect(() => createSslContext(null as never)).toThrow(InvalidOptionError);
    expect(() => createSslContext('ca.pem' as never)).toThrow(/cafile/);
  });
});
