import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { attempt, defer, forEach, gather, group, run, stream } from '../../index.ts';
import { readLines } from './read-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'lines-'));
const fileOf = (name: string, content: string): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

test('gives the lines of a file, also by its URL and through a stream', () =>
  run(function* () {
    const file = fileOf('poem.txt', '\uFEFFone\r\ntwö\n\nlast');
    const lines: string[] = [];
    yield* forEach(readLines(file), (line) => void lines.push(line));
    expect(lines).toEqual(['one', 'twö', '', 'last']);
    expect(
      yield* stream(readLines(pathToFileURL(file)))
        .take(1)
        .collect(),
    ).toEqual(['one']);
    expect(yield* readLines(fileOf('empty.txt', '')).next()).toEqual({ done: true, value: undefined });
  }));

test('a large file is closed at its end, by close and with the scope', () =>
  run(function* () {
    const file = fileOf('large.txt', 'line\n'.repeat(200_000));
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = process.platform === 'linux' ? open() : 0;
    let count = 0;
    yield* forEach(readLines(file), () => void count++);
    expect(count).toBe(200_000);
    const lines = readLines(file);
    yield* lines.next();
    yield* lines.close();
    expect(yield* lines.next()).toEqual({ done: true, value: undefined });
    yield* group(function* () {
      yield* readLines(file).next();
    });
    if (process.platform === 'linux') {
      for (let looks = 0; open() > before && looks < 100; looks++) yield* stream([0]).collect();
    }
  }));

test('a file that is not there is the error of the system, from next', () =>
  run(function* () {
    expect(yield* attempt(readLines(join(folder, 'none')).next())).toMatchObject({ error: { code: 'ENOENT' } });
    expect(yield* attempt(readLines(folder).next())).toMatchObject({ error: { code: 'EISDIR' } });
    expect(() => readLines(5 as never)).toThrow('readLines takes the path of a file, or its URL, not 5');
    expect(() => readLines('x', { limit: 0 })).toThrow(RangeError);
  }));

test('is read by the host, in cleanups and first in a branch, and close ends a reader that waits', async () => {
  const file = fileOf('three.txt', 'one\ntwo\nthree');
  const lines: string[] = [];
  for await (const line of stream(readLines(file)).toAsyncIterable()) lines.push(line);
  expect(lines).toEqual(['one', 'two', 'three']);
  const shared = readLines(file);
  await run(function* () {
    expect(yield* gather([shared.next()])).toEqual([{ done: false, value: 'one' }]);
    defer(function* () {
      expect(yield* shared.next()).toEqual({ done: false, value: 'two' });
      expect(yield* stream(readLines(file)).collect()).toEqual(['one', 'two', 'three']);
      const reader = readLines(file);
      const [end] = yield* gather([reader.next(), reader.close()]);
      expect(end).toEqual({ done: true, value: undefined });
    });
  });
});
