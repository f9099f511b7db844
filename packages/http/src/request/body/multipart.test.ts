import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@coloop/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClientPayloadError, InvalidOptionError } from '../../errors.ts';
import type { RequestBody } from './body.ts';
import { filePart } from './file-part.ts';
import { Multipart, multipartBody } from './multipart.ts';

const random = (bytes: Uint8Array): Uint8Array => randomFillSync(bytes);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'multipart-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function sent(body: RequestBody): Promise<string> {
  return run(function* () {
    const content = body.open();
    if (content instanceof Uint8Array) return Buffer.from(content).toString();
    const chunks: Uint8Array[] = [];
    for (let r = yield* content.next(); !r.done; r = yield* content.next()) chunks.push(r.value);
    return Buffer.concat(chunks).toString();
  });
}

/** Reads a body as a server does: the platform's own parser of forms. */
async function received(body: RequestBody): Promise<FormData> {
  const text = await sent(body);
  expect(body.length === undefined || Buffer.byteLength(text) === body.length).toBe(true);
  return new Response(text, { headers: { 'content-type': String(body.type) } }).formData();
}

describe('Multipart', () => {
  test('sends fields and files so that the platform reads them back', async () => {
    const form = new Multipart()
      .append('title', '\u4f60\u597d\r\n--x')
      .append('empty', '')
      .append('photo', new Blob(['png'], { type: 'image/png' }), 'me \u4f60.png')
      .append('raw', Buffer.from('bytes'), { filename: 'raw.bin' });
    const form2 = await received(multipartBody(form, random));
    expect(form2.get('title')).toBe('\u4f60\u597d\r\n--x');
    expect(form2.get('empty')).toBe('');
    const photo = form2.get('photo') as File;
    expect([photo.name, photo.type, await photo.text()]).toEqual(['me \u4f60.png', 'image/png', 'png']);
    expect((form2.get('raw') as File).type).toBe('application/octet-stream');
  });

  test('takes over a web form', async () => {
    const form = new FormData();
    form.append('a', '1');
    form.append('a', new File(['x'], 'x.txt', { type: 'text/plain' }));
    const back = await received(multipartBody(form, random));
    expect(back.getAll('a')[0]).toBe('1');
    expect((back.getAll('a')[1] as File).name).toBe('x.txt');
  });

  test('streams a file of the disk with its length known, as often as asked', async () => {
    const path = join(folder, 'report "1".txt');
    writeFileSync(path, 'z'.repeat(200_000));
    const body = multipartBody(new Multipart().append('f', filePart(path), { type: 'text/plain' }), random);
    expect(body.replayable).toBe(true);
    expect(body.length).toBeGreaterThan(200_000);
    for (let pass = 0; pass < 2; pass++) {
      const file = (await received(body)).get('f') as File;
      expect([file.size, file.type]).toEqual([200_000, 'text/plain']);
    }
  });

  test('says at once that a file is missing, and fails when it changed while it was sent', async () => {
    expect(() => filePart(join(folder, 'no'))).toThrow(/cannot be sent/);
    expect(() => filePart(folder)).toThrow(/not a regular file/);
    const path = join(folder, 'shrinking');
    writeFileSync(path, '12345');
    const body = multipartBody(new Multipart().append('f', filePart(path)), random);
    writeFileSync(path, '123');
    await expect(sent(body)).rejects.toThrow(/fewer bytes/);
    writeFileSync(path, '1234567');
    await expect(sent(body)).rejects.toThrow(ClientPayloadError);
  });

  test('goes out in chunks where a part has no length, and once where it is a stream', async () => {
    async function* stream(): AsyncGenerator<string> {
      yield 'st';
      yield 'ream';
    }
    const body = multipartBody(new Multipart().append('s', stream(), 's.txt').append('t', 'u'), random);
    expect([body.length, body.replayable]).toEqual([undefined, false]);
    const form = await received(body);
    expect(await (form.get('s') as File).text()).toBe('stream');
    expect(form.get('t')).toBe('u');
    expect(() => body.open()).toThrow(/was sent already/);
    const made = multipartBody(
      new Multipart().append('s', () => stream(), { length: 6 }),
      random,
    );
    expect(made.replayable).toBe(true);
    expect((await received(made)).get('s')).toBe('stream');
  });

  test('escapes quotes and line ends in names, so that none of them starts a header', async () => {
    const form = new Multipart()
      .append('a"\r\nX-Evil: 1', 'v')
      .append('b', 'w', { filename: 'x"; filename="y\r\n\r\nevil' });
    const text = await sent(multipartBody(form, random));
    expect(text).toContain('name="a%22%0D%0AX-Evil: 1"');
    expect(text).toContain('filename="x%22; filename=%22y%0D%0A%0D%0Aevil"');
    expect(text).not.toContain('\r\nX-Evil');
  });

  // As every browser sends it: the HTML standard, "multipart/form-data encoding algorithm".
  test.each([
    ['a\nb', '%0D%0A', 'a\r\nb', '%0A'],
    ['a\rb', '%0D%0A', 'a\r\nb', '%0D'],
    ['a\r\nb', '%0D%0A', 'a\r\nb', '%0D%0A'],
    ['a\n\rb', '%0D%0A%0D%0A', 'a\r\n\r\nb', '%0A%0D'],
    ['a\r\r\nb', '%0D%0A%0D%0A', 'a\r\n\r\nb', '%0D%0D%0A'],
  ])('makes of the line ends of a web form what the standard says: %j', async (text, inName, asValue, inFileName) => {
    const form = new FormData();
    form.append(text, text);
    form.append('file', new File([text], text));
    const written = await sent(multipartBody(form, random));
    expect(written).toContain(`name="a${inName}b"\r\n\r\n${asValue}\r\n--`);
    expect(written).toContain(`filename="a${inFileName}b"`);
    expect(written).toContain(`octet-stream\r\n\r\n${text}\r\n--`);
    // A form of one's own is sent as it was given.
    expect(await sent(multipartBody(new Multipart().append('n', text), random))).toContain(`"n"\r\n\r\n${text}\r\n--`);
  });

  test('refuses other control characters, and injections in types and headers', () => {
    for (const bad of ['a\0', 'a\x1b', 'a\x7f']) {
      expect(() => new Multipart().append(bad, 'v')).toThrow(InvalidOptionError);
      expect(() => new Multipart().append('n', 'v', bad)).toThrow(/control character/);
    }
    expect(() => new Multipart().append('n', 'v', { type: 'text/plain\r\nX: 1' })).toThrow(InvalidOptionError);
    expect(() => new Multipart().append('n', 'v', { headers: { 'X-A': 'b\nc' } })).toThrow(InvalidOptionError);
    expect(() => new Multipart().append('n', 'v', { headers: { 'Content-Disposition': 'x' } })).toThrow(/leave it out/);
    expect(() => new Multipart().append('n', 5 as unknown as string)).toThrow(/is a number/);
    expect(() => new Multipart().append('n', 'abc', { length: 2 })).toThrow(/exact number/);
  });

  test('takes a new boundary of 128 random bits for every form', () => {
    const form = new Multipart().append('a', 'b');
    const types = [multipartBody(form, random).type, multipartBody(form, random).type];
    expect(types[0]).toMatch(/^multipart\/form-data; boundary=coloop-[0-9a-f]{32}$/);
    expect(types[0]).not.toBe(types[1]);
  });

  test('is not changed by parts that are appended later', async () => {
    const form = new Multipart().append('a', new Blob(['1']));
    const body = multipartBody(form, random);
    form.append('b', '2');
    expect((await received(body)).get('b')).toBeNull();
  });
});
