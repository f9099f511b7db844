import { attempt, forever, type Operation } from '@coloop/core';
import { expect, test } from 'vitest';
import { ClientConnectorError, ClientPayloadError, ServerTimeoutError, Session } from '../index.ts';
import { simulate } from '../testing/index.ts';

/** The names of a test's own frames in a stack. */
function framesOf(error: unknown): string[] {
  const lines = String((error as Error).stack).split('\n');
  return lines.flatMap((line) => /^ {4}at (?:async )?(\w+) \(.*lines\.test\.ts/.exec(line)?.[1] ?? []);
}

function* load(session: Session, url: string): Operation<unknown> {
  return yield* session.get(url, { timeout: 100 });
}
function* handler(session: Session, url: string): Operation<unknown> {
  return yield* load(session, url);
}

test('an error of a request names the line that made it, and those that called it', async () => {
  await simulate(function* (net) {
    net.serve('http://silent.test', () => forever());
    const session = yield* Session.open();
    for (const [url, expected] of [
      ['http://user:geheim@nowhere.test/path', ClientConnectorError],
      ['http://silent.test/', ServerTimeoutError],
    ] as const) {
      const tried = yield* attempt(handler(session, url));
      const { error } = tried as { error: Error };
      expect(error).toBeInstanceOf(expected);
      expect(framesOf(error).slice(0, 2)).toEqual(['load', 'handler']);
      expect(error.stack).not.toMatch(/packages\/(?:core|http)\/src\/(?!session\/lines)/);
      const json = JSON.stringify(error);
      expect(JSON.parse(json)).toMatchObject({ name: error.name, message: error.message, code: expect.any(String) });
      expect(JSON.parse(json).stack).toContain('lines.test.ts');
      expect(json).not.toContain('geheim');
    }
  });
});

test('an error of a body names the line that reads it', async () => {
  function* read(session: Session): Operation<string> {
    const response = yield* session.get('http://short.test/', { limits: { buffered: 10 } });
    return yield* response.text();
  }
  await simulate(function* (net) {
    net.serve('http://short.test', () => 'x'.repeat(1000));
    const tried = yield* attempt(read(yield* Session.open()));
    const { error } = tried as { error: Error };
    expect(error).toBeInstanceOf(ClientPayloadError);
    expect(framesOf(error)[0]).toBe('read');
  });
});
