import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type Operation, run, sleep, spawn, tick, until } from '@coloop/core';
import { serve } from '@coloop/test-servers/vitest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClientPayloadError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { Progress } from '../request/request.ts';
import { type DownloadOptions, type DownloadResult, download } from './download.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) & 255));
let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'download-'));
  file = join(folder, 'file.bin');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

interface Plan {
  /** After how many bytes each connection in turn is cut. */
  readonly cuts?: number[];
  readonly etag?: string | null;
  readonly ranges?: boolean;
  readonly body?: Buffer;
}

/** A server of one file that cuts connections as planned, and remembers the ranges that it was asked for. */
async function server(
  plan: Plan,
): Promise<{ url: string; asked: (string | undefined)[]; plan: { -readonly [K in keyof Plan]: Plan[K] } }> {
  const current: { -readonly [K in keyof Plan]: Plan[K] } = { ...plan };
  const asked: (string | undefined)[] = [];
  const running = await serve((request, response) => {
    asked.push(request.headers.range);
    answer(request, response, current);
  });
  return { url: `${running.url}/file`, asked, plan: current };
}

function answer(request: IncomingMessage, response: ServerResponse, plan: Plan): void {
  const body = plan.body ?? content;
  const etag = plan.etag === undefined ? '"v1"' : plan.etag;
  if (etag !== null) response.setHeader('ETag', etag);
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const usable = plan.ranges !== false && range !== null && request.headers['if-range'] === etag;
  const from = usable ? Number(range?.[1]) : 0;
  if (usable && from >= body.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${body.length}` }).end();
    return;
  }
  const headers: Record<string, string> = { 'Content-Length': String(body.length - from) };
  if (usable) headers['Content-Range'] = `bytes ${from}-${body.length - 1}/${body.length}`;
  response.writeHead(usable ? 206 : 200, headers);
  const cut = plan.cuts?.shift();
  if (cut === undefined) response.end(body.subarray(from));
  else response.write(body.subarray(from, from + cut), () => setImmediate(() => response.destroy()));
}

function* fetchFile(url: string, options: DownloadOptions = {}): Operation<DownloadResult> {
  return yield* fetchWith(yield* Session.open(), url, options);
}

function fetchWith(session: Session, url: string, options: DownloadOptions = {}): Operation<DownloadResult> {
  const open = (headers: Readonly<Record<string, string>>): ReturnType<Session['get']> =>
    session.get(url, { headers, decompress: false });
  return download(open, url, file, options);
}

function expectWhole(body: Buffer = content): void {
  expect(readFileSync(file).equals(body)).toBe(true);
  expect(readdirSync(folder)).toEqual(['file.bin']);
}

describe('download', () => {
  test('brings a file and reports how far it is', async () => {
    const { url } = await server({});
    const reports: Progress[] = [];
    const result = await run(() => fetchFile(url, { onProgress: (progress) => reports.push(progress) }));
    expect(result).toMatchObject({ file, bytes: content.length, resumedFrom: 0, url });
    expect(reports[0]).toEqual({ direction: 'download', bytes: 0, total: content.length });
    expect(reports.at(-1)).toEqual({ direction: 'download', bytes: content.length, total: content.length });
    expectWhole();
  });

  test('goes on where a connection broke, as often as it breaks', async () => {
    const { url, asked } = await server({ cuts: [100_000, 100_000, 0] });
    const result = await run(() => fetchFile(url));
    expect(asked).toEqual([undefined, 'bytes=100000-', 'bytes=200000-', 'bytes=200000-']);
    expect(result.bytes).toBe(content.length);
    expectWhole();
  });

  test('goes on in a later run, and says from where', async () => {
    const { url, asked } = await server({ cuts: [120_000] });
    await expect(run(() => fetchFile(url, { attempts: 1 }))).rejects.toThrow();
    expect(readdirSync(folder).sort()).toEqual(['file.bin.part', 'file.bin.part.json']);
    const result = await run(() => fetchFile(url));
    expect(asked).toEqual([undefined, 'bytes=120000-']);
    expect(result.resumedFrom).toBe(120_000);
    expectWhole();
  });

  test('begins anew when the file has changed meanwhile', async () => {
    const { url, plan } = await server({ cuts: [120_000] });
    await expect(run(() => fetchFile(url, { attempts: 1 }))).rejects.toThrow();
    const other = Buffer.alloc(1000, 'n');
    plan.etag = '"v2"';
    plan.body = other;
    expect(await run(() => fetchFile(url))).toMatchObject({ bytes: 1000, resumedFrom: 0 });
    expectWhole(other);
  });

  test('begins anew where the server names no version or knows no ranges', async () => {
    const unnamed = await server({ cuts: [100_000], etag: null });
    await run(() => fetchFile(unnamed.url));
    expect(unnamed.asked).toEqual([undefined, undefined]);
    expectWhole();
    rmSync(file);
    const simple = await server({ cuts: [100_000], ranges: false });
    await run(() => fetchFile(simple.url));
    expectWhole();
  });

  test('takes a part that is complete already as the file', async () => {
    const { url } = await server({});
    writeFileSync(`${file}.part`, content);
    writeFileSync(`${file}.part.json`, JSON.stringify({ url, validator: '"v1"' }));
    expect(await run(() => fetchFile(url))).toMatchObject({ bytes: content.length, resumedFrom: content.length });
    expectWhole();
  });

  test('does not trust a part of another URL, or a file that is not a note', async () => {
    const { url, asked } = await server({});
    for (const note of [
      JSON.stringify({ url: 'http://other/', validator: '"v1"' }),
      '{',
      '[]',
      `{"url":${JSON.stringify(url)},"validator":"a\\r\\nX: 1"}`,
    ]) {
      writeFileSync(`${file}.part`, 'something else');
      writeFileSync(`${file}.part.json`, note);
      await run(() => fetchFile(url));
      expectWhole();
    }
    expect(new Set(asked)).toEqual(new Set([undefined]));
  });

  test('gives up when connections bring nothing, and keeps what came', async () => {
    const { url, asked } = await server({ cuts: [50_000, 0, 0, 0, 0] });
    await expect(run(() => fetchFile(url, { attempts: 3 }))).rejects.toMatchObject({
      name: expect.stringMatching(/Error$/),
    });
    expect(asked).toHaveLength(3);
    expect(readFileSync(`${file}.part`)).toHaveLength(50_000);
    expect(existsSync(file)).toBe(false);
  });

  test('leaves an existing file alone until the new one is complete', async () => {
    writeFileSync(file, 'old');
    const { url } = await server({ cuts: [50_000] });
    await expect(run(() => fetchFile(url, { attempts: 1 }))).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('old');
    await run(() => fetchFile(url));
    expectWhole();
  });

  test('ends when it is cancelled in a write of which the disk takes only a part', async () => {
    const probe = await open(join(folder, 'probe'), 'w');
    const handle = Object.getPrototypeOf(probe) as FileHandle;
    await probe.close();
    rmSync(join(folder, 'probe'));
    const write = handle.write as (...args: unknown[]) => unknown;
    const disk = new EventEmitter();
    vi.spyOn(handle, 'write').mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
      const [bytes, at, length, position] = args as [Uint8Array, number, number, number];
      const written = await write.call(this, bytes, at, Math.ceil(length / 2), position);
      if (disk.emit('written')) await once(disk, 'go on');
      return written;
    } as never);
    const { url } = await server({});
    await run(function* () {
      const written = once(disk, 'written');
      const task = spawn(fetchFile(url));
      yield* until(written);
      const cancelled = task.cancel();
      disk.emit('go on');
      yield* cancelled;
      expect(task.status).toBe('cancelled');
    });
    const part = readFileSync(`${file}.part`);
    expect(part.equals(content.subarray(0, part.length))).toBe(true);
    vi.restoreAllMocks();
    await run(() => fetchFile(url));
    expectWhole();
  });

  test.skipIf(!existsSync('/proc/self/fd'))('leaves no file open when it is cancelled while it opens one', async () => {
    const before = readdirSync('/proc/self/fd').length;
    await run(function* () {
      const session = yield* Session.open();
      for (let i = 0; i < 20; i++) {
        const task = spawn(fetchWith(session, 'http://127.0.0.1:9/'));
        yield* tick();
        yield* task.cancel();
      }
      // Real time: no event tells of a file that was opened although its task had ended.
      yield* sleep(50);
    });
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 5);
  });

  test('refuses a place that another download is writing, until that one has ended', async () => {
    const { url } = await server({ etag: null });
    await run(function* () {
      const session = yield* Session.open();
      const first = spawn(session.download(url, file));
      yield* tick();
      const second = yield* attempt(session.download(url, join(folder, '.', 'file.bin')));
      expect(second).toMatchObject({ ok: false, error: { code: 'FILE_BUSY' } });
      expect((yield* first).bytes).toBe(content.length);
      expect((yield* session.download(url, file)).bytes).toBe(content.length);
      const cancelled = spawn(session.download(url, file));
      yield* tick();
      yield* cancelled.cancel();
      expect((yield* session.download(url, file)).bytes).toBe(content.length);
    });
    expect(readFileSync(file)).toEqual(content);
  });

  test('keeps what came when it is cancelled, with the file closed', async () => {
    const running = await serve((_, response) => {
      response.writeHead(200, { ETag: '"v1"', 'Content-Length': '1000' });
      response.write('begun');
    });
    await run(function* () {
      let task: ReturnType<typeof spawn> | undefined;
      const onProgress = ({ bytes }: Progress): void => {
        if (bytes === 5) void task?.cancel();
      };
      task = spawn(fetchFile(running.url, { onProgress }));
      try {
        yield* task;
      } catch {}
      expect(task.status).toBe('cancelled');
    });
    expect(readFileSync(`${file}.part`, 'utf8')).toBe('begun');
  });

  test('says what is wrong with the answer or the place', async () => {
    const missing = await serve((_, response) => response.writeHead(404).end());
    await expect(run(() => fetchFile(missing.url))).rejects.toMatchObject({ name: 'ClientResponseError', status: 404 });
    expect(readdirSync(folder)).toEqual([]);
    file = join(folder, 'no', 'such', 'folder');
    await expect(run(() => fetchFile(missing.url))).rejects.toThrow(/could not be opened: ENOENT/);
  });

  test('touches nothing that it could not open', async () => {
    symlinkSync(`${file}.part`, `${file}.part`);
    await expect(run(() => fetchFile('http://127.0.0.1:1/'))).rejects.toThrow(/could not be opened: ELOOP/);
    expect(readdirSync(folder)).toEqual(['file.bin.part']);
  });

  test('refuses a place that is not a path and options that it does not know', async () => {
    file = '';
    await expect(run(() => fetchFile('http://127.0.0.1:1/'))).rejects.toThrow(/give a path/);
    file = join(folder, 'x');
    await expect(run(() => fetchFile('http://127.0.0.1:1/', { atempts: 1 } as object))).rejects.toThrow(
      /Did you mean 'attempts'/,
    );
  });

  test('ends with an error where the server contradicts itself about the size, however often it begins anew', async () => {
    for (const growing of [false, true]) {
      let asked = 0;
      const server = await serve((request, response) => {
        asked += 1;
        response.setHeader('ETag', '"one"');
        const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
        if (from === 0) {
          response.writeHead(200, { 'Content-Length': '10' });
          response.write('01234', () => response.destroy());
          return;
        }
        const total = growing ? 10 + asked : 11;
        response.writeHead(206, { 'Content-Range': `bytes ${from}-${from}/${total}`, 'Content-Length': '1' }).end('x');
      });
      const tried = await run(attempt(fetchFile(server.url, { attempts: 3 })));
      expect(!tried.ok && tried.error).toBeInstanceOf(ClientPayloadError);
      expect(asked).toBeLessThan(20);
    }
  });

  describe('a file is complete only when all of it is there', () => {
    const whole = Buffer.from('0123456789abcdefghij');

    /** A server that breaks its first answer after five bytes, and then gives these ranges, whatever it is asked for. */
    async function contradicting(
      first: Record<string, string>,
      ranges: readonly (readonly [range: string, from: number, to: number])[],
    ): Promise<{ url: string; asked: (string | undefined)[] }> {
      const asked: (string | undefined)[] = [];
      const left = [...ranges];
      const { url } = await serve((request, response) => {
        const { range } = request.headers;
        asked.push(range);
        response.setHeader('ETag', '"v1"');
        if (asked.length === 1) {
          response.writeHead(200, first).write(whole.subarray(0, 5), () => setImmediate(() => response.destroy()));
        } else if (range === undefined) response.end(whole);
        else if (range === 'bytes=20-') response.writeHead(416, { 'Content-Range': 'bytes */20' }).end();
        else {
          const [said, from, to] = left.shift() ?? ['bytes 0-0/1', 0, 1];
          response.writeHead(206, { 'Content-Range': said }).end(whole.subarray(from, to));
        }
      });
      return { url, asked };
    }

    const sized = { 'Content-Length': '20' };
    const cases: readonly (readonly [
      what: string,
      first: Record<string, string>,
      ranges: readonly (readonly [range: string, from: number, to: number])[],
    ])[] = [
      [
        'a range without a total ends before the size that was said first',
        sized,
        [
          ['bytes 5-9/*', 5, 10],
          ['bytes 10-19/*', 10, 20],
        ],
      ],
      [
        'a range ends before its own total',
        sized,
        [
          ['bytes 5-9/20', 5, 10],
          ['bytes 10-19/20', 10, 20],
        ],
      ],
      [
        'nobody says how large the file is',
        {},
        [
          ['bytes 5-9/*', 5, 10],
          ['bytes 10-19/*', 10, 20],
        ],
      ],
      [
        'a body is shorter than its range',
        {},
        [
          ['bytes 5-19/*', 5, 8],
          ['bytes 8-19/*', 8, 20],
        ],
      ],
      ['a body is longer than its range', sized, [['bytes 5-9/*', 0, 20]]],
      ['the total becomes a smaller one', sized, [['bytes 5-9/10', 5, 10]]],
      ['a range ends after the size that was said first', { 'Content-Length': '10' }, [['bytes 5-19/*', 5, 20]]],
    ];
    test.each(cases)('%s', async (_, first, ranges) => {
      const { url } = await contradicting(first, ranges);
      const result = await run(() => fetchFile(url));
      expect(readFileSync(file, 'latin1')).toBe(whole.toString('latin1'));
      expect(result.bytes).toBe(20);
    });

    test.each(cases)('in a later run: %s', async (_, first, ranges) => {
      const { url } = await contradicting(first, ranges);
      for (let runs = 0; !existsSync(file); runs++) {
        expect(runs).toBeLessThan(6);
        await run(attempt(fetchFile(url, { attempts: 1 })));
      }
      expect(readFileSync(file, 'latin1')).toBe(whole.toString('latin1'));
    });

    test('a server that calls a part the whole is not believed, also in a later run', async () => {
      let asked = 0;
      const { url } = await serve((request, response) => {
        asked += 1;
        response.setHeader('ETag', '"v1"');
        if (request.headers.range !== undefined) response.writeHead(416, { 'Content-Range': 'bytes */5' }).end();
        else if (asked > 1) response.end(whole);
        else response.writeHead(200, sized).write('01234', () => setImmediate(() => response.destroy()));
      });
      await run(attempt(fetchFile(url, { attempts: 1 })));
      await run(() => fetchFile(url));
      expect(readFileSync(file, 'latin1')).toBe(whole.toString('latin1'));
    });
  });

  test('does not write a range that it did not ask for', async () => {
    const lying = await serve((_, response) =>
      response.writeHead(206, { 'Content-Range': 'bytes 10-14/100', 'Content-Length': '5' }).end('wrong'),
    );
    await expect(run(() => fetchFile(lying.url, { attempts: 1 }))).rejects.toThrow(/not asked for/);
  });
});
