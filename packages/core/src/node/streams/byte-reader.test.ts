// Real time: the streams of Node tell what came in turns of the host.

import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { attempt, moveOnAfter, type Operation, run, sleep, spawn } from '../../index.ts';
import { ByteReader } from './byte-reader.ts';
import { IncompleteReadError, LimitOverrunError } from './errors.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const reader = (...chunks: (string | Uint8Array)[]): ByteReader =>
  new ByteReader(
    Readable.from(
      chunks.map((chunk) => Buffer.from(chunk)),
      { objectMode: false },
    ),
    'the test',
  );

function* errorOf(operation: Operation<unknown>): Operation<Error> {
  const result = yield* attempt(operation);
  if (result.ok) throw new Error('it did not fail');
  return result.error as Error;
}

describe('bytes from outside', () => {
  test('are read as they come, up to a number, exactly a number, and up to a separator', () =>
    run(function* () {
      const bytes = reader('hello wor', 'ld;next', '!');
      expect(text(yield* bytes.read(2))).toBe('he');
      expect(text(yield* bytes.readExactly(7))).toBe('llo wor');
      expect(text(yield* bytes.readUntil(';'))).toBe('ld;');
      expect((yield* bytes.readExactly(0)).length).toBe(0);
      expect(text(yield* bytes.readExactly(5))).toBe('next!');
      expect((yield* bytes.read()).length).toBe(0);
      expect(yield* bytes.next()).toEqual({ done: true, value: undefined });
    }));

  test('a separator is found wherever the pieces were cut', () =>
    run(function* () {
      const whole = 'a\r\n\r\nbb\r\n\r\nccc\r\n\r\n';
      for (let size = 1; size <= whole.length; size++) {
        const pieces = whole.match(new RegExp(`[^]{1,${size}}`, 'g')) as string[];
        const bytes = reader(...pieces);
        for (const part of ['a', 'bb', 'ccc']) expect(text(yield* bytes.readUntil('\r\n\r\n'))).toBe(`${part}\r\n\r\n`);
      }
    }));

  test('an end in the middle is told with what came', () =>
    run(function* () {
      const short = (yield* errorOf(reader('abc').readExactly(5))) as IncompleteReadError;
      expect(short).toBeInstanceOf(IncompleteReadError);
      expect([text(short.partial), short.expected]).toEqual(['abc', 5]);
      const open = (yield* errorOf(reader('abc').readUntil(';'))) as IncompleteReadError;
      expect([text(open.partial), open.expected]).toEqual(['abc', null]);
    }));

  test('a separator beyond the limit is an error that takes nothing', () =>
    run(function* () {
      const bytes = reader('x'.repeat(11), 'y;');
      const error = (yield* errorOf(bytes.readUntil(';', 10))) as LimitOverrunError;
      expect(error).toBeInstanceOf(LimitOverrunError);
      expect(error.limit).toBe(10);
      expect(text(yield* bytes.readUntil(';', 12))).toBe('xxxxxxxxxxxy;');
      expect(text(yield* reader('0123456789;').readUntil(';', 10))).toBe('0123456789;');
    }));

  test('lines are text without their ends, whatever they are cut into', () =>
    run(function* () {
      const lines = reader(...[...Buffer.from('\uFEFFgrüße\r\n\nlast')].map((byte) => Uint8Array.of(byte))).lines();
      expect(yield* lines.next()).toEqual({ done: false, value: 'grüße' });
      expect(yield* lines.next()).toEqual({ done: false, value: '' });
      expect(yield* lines.next()).toEqual({ done: false, value: 'last' });
      expect(yield* lines.next()).toEqual({ done: true, value: undefined });
      const long = yield* errorOf(reader('x'.repeat(70_000)).lines().next());
      expect(long).toBeInstanceOf(LimitOverrunError);
    }));

  test('a read that is cancelled takes nothing', () =>
    run(function* () {
      const pipe = new PassThrough();
      const bytes = new ByteReader(pipe, 'the test');
      pipe.write('abc');
      expect(yield* moveOnAfter(20, bytes.readExactly(5))).toMatchObject({ timedOut: true });
      pipe.write('de');
      expect(text(yield* bytes.readExactly(5))).toBe('abcde');
    }));

  test('an error of the source comes after the bytes before it, and again', () =>
    run(function* () {
      const boom = new Error('reset');
      const pipe = new PassThrough();
      const bytes = new ByteReader(pipe, 'the test');
      pipe.write('abc');
      yield* sleep(5);
      expect(text(yield* bytes.readExactly(3))).toBe('abc');
      pipe.destroy(boom);
      expect(yield* errorOf(bytes.read())).toBe(boom);
      expect(yield* errorOf(bytes.next())).toBe(boom);
    }));

  test('close ends a read that waits', () =>
    run(function* () {
      const bytes = new ByteReader(new PassThrough(), 'the test');
      const waiting = spawn(bytes.next());
      yield* sleep(1);
      yield* bytes.close();
      expect(yield* waiting).toEqual({ done: true, value: undefined });
      expect(yield* bytes.next()).toEqual({ done: true, value: undefined });
    }));

  test('two tasks that read at once are told', () =>
    run(function* () {
      const bytes = new ByteReader(new PassThrough(), 'the test');
      const first = spawn(attempt(bytes.next()));
      yield* sleep(1);
      expect((yield* errorOf(bytes.read())).message).toContain('let one task read and give what it read to others');
      yield* bytes.close();
      yield* first;
    }));

  test('numbers and separators that make no sense are refused at the call', () => {
    const bytes = reader();
    expect(() => bytes.read(0)).toThrow(RangeError);
    expect(() => bytes.readExactly(-1)).toThrow(RangeError);
    expect(() => bytes.readExactly(1.5)).toThrow(RangeError);
    expect(() => bytes.readUntil('')).toThrow('readUntil takes a separator of at least one byte');
    expect(() => bytes.readUntil(10 as never)).toThrow(TypeError);
    expect(() => bytes.lines(0)).toThrow(RangeError);
  });
});
