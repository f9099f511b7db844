import { Readable } from 'node:stream';
import { run, type Source } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../../errors.ts';
import type { RequestBody } from './body.ts';
import { type BodyOptions, makeBody } from './make.ts';

const entropy = (bytes: Uint8Array): Uint8Array => bytes.fill(7);

function make(options: BodyOptions): RequestBody {
  const body = makeBody(options, entropy);
  if (body === null) throw new Error('there is no body');
  return body;
}

/** One pass over a body, as text. */
function sent(body: RequestBody): Promise<string> {
  return run(function* () {
    const content = body.open();
    if (content instanceof Uint8Array) return Buffer.from(content).toString();
    const chunks: Uint8Array[] = [];
    for (let r = yield* content.next(); !r.done; r = yield* content.next()) chunks.push(r.value);
    yield* content.close();
    return Buffer.concat(chunks).toString();
  });
}

async function* words(): AsyncGenerator<string | Uint8Array> {
  yield 'one ';
  yield Buffer.from('two');
}

describe('makeBody', () => {
  test('makes nothing of nothing', () => {
    expect(makeBody({}, entropy)).toBeNull();
    expect(makeBody({ json: undefined, body: null, form: undefined }, entropy)).toBeNull();
  });

  test('writes JSON, null included', async () => {
    const body = make({ json: { a: ['\u4f60', 1] } });
    expect([await sent(body), body.type, body.length]).toEqual(['{"a":["\u4f60",1]}', 'application/json', 15]);
    expect(await sent(make({ json: null }))).toBe('null');
  });

  test('refuses what JSON cannot say', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(() => make({ json: circle })).toThrow(/'json' cannot be written/);
    expect(() => make({ json: 1n })).toThrow(InvalidOptionError);
    expect(() => make({ json: () => 1 })).toThrow(/'json' is the function/);
  });

  test('writes forms from records, pairs and parameters', async () => {
    const body = make({ form: { a: 'x y', b: [1, true], none: undefined, '\u4f60': '&=' } });
    expect([await sent(body), body.type]).toEqual([
      'a=x+y&b=1&b=true&%E4%BD%A0=%26%3D',
      'application/x-www-form-urlencoded',
    ]);
    expect(
      await sent(
        make({
          form: [
            ['a', '1'],
            ['a', 2],
          ],
        }),
      ),
    ).toBe('a=1&a=2');
    expect(await sent(make({ body: new URLSearchParams('q=1') }))).toBe('q=1');
  });

  test('refuses form values that are not text', () => {
    expect(() => make({ form: { file: {} as string } })).toThrow(/"file".*multipart/);
    expect(() => make({ form: { n: Number.NaN } })).toThrow(/NaN/);
    expect(() => make({ form: 'a=b' as unknown as URLSearchParams })).toThrow(/'form' is a string/);
  });

  test('sends text, bytes, buffers and blobs with the length they have', async () => {
    expect(make({ body: '\u00e9' })).toMatchObject({ length: 2, type: 'text/plain;charset=UTF-8', replayable: true });
    expect(make({ body: new Uint8Array([1, 2]) })).toMatchObject({ length: 2, type: undefined });
    expect(make({ body: new Uint16Array([1, 2]).buffer })).toMatchObject({ length: 4 });
    const blob = make({ body: new Blob(['abc'], { type: 'image/x' }) });
    expect(blob).toMatchObject({ length: 3, type: 'image/x', replayable: true });
    expect([await sent(blob), await sent(blob)]).toEqual(['abc', 'abc']);
  });

  test('sends streams and async iterables once, in chunks', async () => {
    const body = make({ body: words() });
    expect(body).toMatchObject({ length: undefined, replayable: false, spent: false });
    expect(await sent(body)).toBe('one two');
    expect(body.spent).toBe(true);
    expect(() => body.open()).toThrow(/was sent already/);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue('web');
        controller.close();
      },
    });
    expect(await sent(make({ body: stream }))).toBe('web');
  });

  test('sends what a function makes as often as needed', async () => {
    const body = make({ body: () => words() });
    expect(body.replayable).toBe(true);
    expect([await sent(body), await sent(body)]).toEqual(['one two', 'one two']);
    expect(await sent(make({ body: () => 'text' }))).toBe('text');
  });

  test('refuses two bodies, plain objects and chunks that are not bytes', async () => {
    expect(() => make({ json: 1, body: 'x' })).toThrow(/json and body were given/);
    expect(() => make({ body: { a: 1 } as unknown as string })).toThrow(/'body' is an object.*json or form/);
    expect(() => make({ multipart: { a: 1 } as unknown as FormData })).toThrow(/'multipart' is an object/);
    async function* numbers(): AsyncGenerator<number> {
      yield 1;
    }
    await expect(sent(make({ body: numbers() }))).rejects.toThrow(/is a number/);
  });

  test('reads no option from Object.prototype', () => {
    const polluted = Object.prototype as { json?: unknown };
    polluted.json = 'evil';
    try {
      expect(makeBody({}, entropy)).toBeNull();
    } finally {
      delete polluted.json;
    }
  });

  test('ends a stream of Node, a web stream and a source that nobody began to read', async () => {
    const node = Readable.from(['x']);
    let cancelled = false;
    const web = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    let closed = 0;
    const source: Source<string> = {
      *next() {
        return { done: false, value: 'x' };
      },
      *close() {
        closed++;
      },
    };
    await run(function* () {
      for (const body of [node, web, source]) {
        const content = make({ body }).open();
        if (!(content instanceof Uint8Array)) yield* content.close();
      }
    });
    expect([node.destroyed, cancelled, closed]).toEqual([true, true, 1]);
  });

  test('ends a stream at its origin when the body is closed early', async () => {
    let ended = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield 'x';
      } finally {
        ended = true;
      }
    }
    await run(function* () {
      const content = make({ body: endless() }).open();
      if (content instanceof Uint8Array) throw new Error('not a stream');
      yield* content.next();
      yield* content.close();
    });
    expect(ended).toBe(true);
  });
});
