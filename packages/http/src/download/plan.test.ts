import { describe, expect, test } from 'vitest';
import { type DownloadStep, nextStep, type Partial, rangeHeaders, validatorOf } from './plan.ts';

const half: Partial = { size: 50, validator: '"v1"', total: undefined };
const sized: Partial = { ...half, total: 200 };
const nothing: Partial = { size: 0, validator: undefined, total: undefined };

function step(partial: Partial, status: number, headers: Record<string, string> = {}): DownloadStep {
  return nextStep(partial, { status, headers: new Headers(headers), url: 'https://example.com/f' });
}

describe('rangeHeaders', () => {
  test('asks for the rest only of a version that it can name, and never for coded bytes', () => {
    expect(rangeHeaders(half)).toEqual({ 'Accept-Encoding': 'identity', Range: 'bytes=50-', 'If-Range': '"v1"' });
    expect(rangeHeaders(nothing)).toEqual({ 'Accept-Encoding': 'identity' });
    expect(rangeHeaders({ ...half, validator: undefined })).toEqual({ 'Accept-Encoding': 'identity' });
  });
});

describe('nextStep', () => {
  test('begins at zero with a whole file', () => {
    expect(step(half, 200, { 'content-length': '100' })).toEqual({ kind: 'write', from: 0, end: 100, total: 100 });
    expect(step(nothing, 200)).toEqual({ kind: 'write', from: 0, end: undefined, total: undefined });
  });

  test('goes on where the range begins that was asked for', () => {
    const goesOn = (total: number | undefined): DownloadStep => ({ kind: 'write', from: 50, end: 100, total });
    expect(step(half, 206, { 'content-range': 'bytes 50-99/100' })).toEqual(goesOn(100));
    expect(step(half, 206, { 'content-range': 'bytes 50-99/*' })).toEqual(goesOn(undefined));
    expect(step(sized, 206, { 'content-range': 'bytes 50-99/*' })).toEqual(goesOn(200));
    expect(step(sized, 206, { 'content-range': 'bytes 50-99/200' })).toEqual(goesOn(200));
  });

  test.each([
    [half, { 'content-range': 'bytes 0-99/100' }],
    [half, { 'content-range': 'bytes 51-99/100' }],
    [half, { 'content-range': 'lines 50-99/100' }],
    [half, {}],
    [half, { 'content-range': 'bytes 50-99/100', etag: '"v2"' }],
    [nothing, { 'content-range': 'bytes 0-99/100' }],
    [half, { 'content-range': 'bytes 50-49/100' }],
    [half, { 'content-range': 'bytes 50-100/100' }],
    [half, { 'content-range': 'bytes */100' }],
    [sized, { 'content-range': 'bytes 50-99/100' }],
    [sized, { 'content-range': 'bytes 50-200/*' }],
  ])('begins anew when the range is another one, or of another version or size: %j %j', (partial, headers) => {
    expect(step(partial, 206, headers as Record<string, string>)).toEqual({ kind: 'restart' });
  });

  test('knows from 416 that all is there, or that nothing of it is right', () => {
    expect(step(half, 416, { 'content-range': 'bytes */50' })).toEqual({ kind: 'complete' });
    expect(step(half, 416, { 'content-range': 'bytes */40' })).toEqual({ kind: 'restart' });
    expect(step(half, 416)).toEqual({ kind: 'restart' });
    expect(step(sized, 416, { 'content-range': 'bytes */50' })).toEqual({ kind: 'restart' });
    expect(step({ ...half, total: 50 }, 416, { 'content-range': 'bytes */50' })).toEqual({ kind: 'complete' });
  });

  test('makes an error of everything else', () => {
    for (const status of [204, 304, 404, 500]) expect(() => step(half, status)).toThrow(`has the status ${status}`);
    expect(() => step(nothing, 416)).toThrow('has the status 416');
  });
});

describe('validatorOf', () => {
  const of = (headers: HeadersInit): string | undefined => validatorOf({ headers: new Headers(headers) });
  const modified = 'Sun, 22 Nov 2026 12:00:00 GMT';
  const after = (seconds: number): string => new Date(Date.parse(modified) + seconds * 1_000).toUTCString();

  test('takes a strong tag before a date, and nothing from a server without ranges', () => {
    const dates = { 'last-modified': modified, date: after(60) };
    expect(of({ etag: '"a"', ...dates })).toBe('"a"');
    expect(of({ etag: 'W/"a"', ...dates })).toBe(modified);
    expect(of({ etag: 'W/"a"' })).toBeUndefined();
    expect(of({ etag: '"a"', 'accept-ranges': 'none' })).toBeUndefined();
  });

  test.each([
    [60, modified],
    [1, modified],
    [0, undefined],
    [-60, undefined],
  ])('takes the date of a file if the answer was made later: %s s', (seconds, expected) => {
    expect(of({ 'last-modified': modified, date: after(seconds) })).toBe(expected);
  });

  test.each([
    ['no date of the answer', { 'last-modified': modified }],
    ['a date that is none', { 'last-modified': 'yesterday', date: after(60) }],
    ['a date of the answer that is none', { 'last-modified': modified, date: 'today' }],
  ])('takes no date where there is %s', (_, headers) => {
    expect(of(headers as Record<string, string>)).toBeUndefined();
  });

  test('counts equal copies once, and takes none of values that differ', () => {
    expect(
      of([
        ['etag', '"a"'],
        ['etag', '"a"'],
      ]),
    ).toBe('"a"');
    expect(
      of([
        ['etag', '"a"'],
        ['etag', '"b"'],
      ]),
    ).toBeUndefined();
    const twice: [string, string][] = [
      ['last-modified', modified],
      ['last-modified', modified],
      ['date', after(9)],
    ];
    expect(of([...twice, ['date', after(9)]])).toBe(modified);
  });
});
