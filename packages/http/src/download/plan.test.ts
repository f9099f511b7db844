import { describe, expect, test } from 'vitest';
import { type DownloadStep, nextStep, type Partial, rangeHeaders, validatorOf } from './plan.ts';

const half: Partial = { size: 50, validator: '"v1"' };
const nothing: Partial = { size: 0, validator: undefined };

function step(partial: Partial, status: number, headers: Record<string, string> = {}): DownloadStep {
  return nextStep(partial, { status, headers: new Headers(headers), url: 'https://example.com/f' });
}

describe('rangeHeaders', () => {
  test('asks for the rest only of a version that it can name, and never for coded bytes', () => {
    expect(rangeHeaders(half)).toEqual({ 'Accept-Encoding': 'identity', Range: 'bytes=50-', 'If-Range': '"v1"' });
    expect(rangeHeaders(nothing)).toEqual({ 'Accept-Encoding': 'identity' });
    expect(rangeHeaders({ size: 50, validator: undefined })).toEqual({ 'Accept-Encoding': 'identity' });
  });
});

describe('nextStep', () => {
  test('begins at zero with a whole file', () => {
    expect(step(half, 200, { 'content-length': '100' })).toEqual({ kind: 'write', from: 0, total: 100 });
    expect(step(nothing, 200)).toEqual({ kind: 'write', from: 0, total: undefined });
  });

  test('goes on where the range begins that was asked for', () => {
    expect(step(half, 206, { 'content-range': 'bytes 50-99/100' })).toEqual({ kind: 'write', from: 50, total: 100 });
    expect(step(half, 206, { 'content-range': 'bytes 50-99/*' })).toEqual({
      kind: 'write',
      from: 50,
      total: undefined,
    });
  });

  test.each([
    [half, { 'content-range': 'bytes 0-99/100' }],
    [half, { 'content-range': 'bytes 51-99/100' }],
    [half, { 'content-range': 'lines 50-99/100' }],
    [half, {}],
    [half, { 'content-range': 'bytes 50-99/100', etag: '"v2"' }],
    [nothing, { 'content-range': 'bytes 0-99/100' }],
  ])('begins anew when the range is another one, or of another version', (partial, headers) => {
    expect(step(partial, 206, headers as Record<string, string>)).toEqual({ kind: 'restart' });
  });

  test('knows from 416 that all is there, or that nothing of it is right', () => {
    expect(step(half, 416, { 'content-range': 'bytes */50' })).toEqual({ kind: 'complete' });
    expect(step(half, 416, { 'content-range': 'bytes */40' })).toEqual({ kind: 'restart' });
    expect(step(half, 416)).toEqual({ kind: 'restart' });
  });

  test('makes an error of everything else', () => {
    for (const status of [204, 304, 404, 500]) expect(() => step(half, status)).toThrow(`has the status ${status}`);
    expect(() => step(nothing, 416)).toThrow('has the status 416');
  });
});

describe('validatorOf', () => {
  test('takes a strong tag before a date, and nothing from a server without ranges', () => {
    const date = 'Sun, 22 Nov 2026 12:00:00 GMT';
    expect(validatorOf(new Headers({ etag: '"a"', 'last-modified': date }))).toBe('"a"');
    expect(validatorOf(new Headers({ etag: 'W/"a"', 'last-modified': date }))).toBe(date);
    expect(validatorOf(new Headers({ etag: 'W/"a"' }))).toBeUndefined();
    expect(validatorOf(new Headers({ etag: '"a"', 'accept-ranges': 'none' }))).toBeUndefined();
  });
});
