import { describe, expect, test } from 'vitest';
import { charsetOf, decodeText } from './charset.ts';

describe('charsetOf', () => {
  test('finds the parameter in any place, quoted or not, in any case', () => {
    expect(charsetOf('text/html; charset=UTF-8')).toBe('utf-8');
    expect(charsetOf('text/html;charset="Shift_JIS"')).toBe('shift_jis');
    expect(charsetOf('text/html; boundary="a;charset=no"; Charset=gbk; x=y')).toBe('gbk');
    expect(charsetOf('text/html; charset=a; charset=b')).toBe('a');
    expect(charsetOf('text/html; xcharset=a')).toBeUndefined();
    expect(charsetOf('text/html; charset=')).toBeUndefined();
    expect(charsetOf(null)).toBeUndefined();
  });

  test('stays fast on hostile headers', () => {
    expect(charsetOf(`text/html${'; a="'.repeat(20_000)}`)).toBeUndefined();
    expect(charsetOf(`text/html${'; a=b'.repeat(20_000)}`)).toBeUndefined();
    expect(charsetOf(`a${';'.repeat(50_000)}`)).toBeUndefined();
  });
});

describe('decodeText', () => {
  const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

  test('uses the charset of the content type, and UTF-8 without one', () => {
    expect(decodeText(bytes(0xc4, 0xe3), 'text/html; charset=gb2312')).toBe('\u4f60');
    expect(decodeText(bytes(0xe4, 0xbd, 0xa0), 'text/html')).toBe('\u4f60');
  });

  test('lets the caller decide, unless a byte order mark says what it is', () => {
    expect(decodeText(bytes(0xe9), 'text/plain; charset=utf-8', 'latin1')).toBe('\u00e9');
    expect(decodeText(bytes(0xff, 0xfe, 0x41, 0x00), 'text/plain; charset=utf-8', 'latin1')).toBe('A');
    expect(decodeText(bytes(0xfe, 0xff, 0x00, 0x41), null)).toBe('A');
    expect(decodeText(bytes(0xef, 0xbb, 0xbf, 0x41), 'text/plain; charset=gbk')).toBe('A');
  });

  test('takes an invented charset for none, but refuses an unknown encoding of the caller', () => {
    expect(decodeText(bytes(0x41), 'text/plain; charset=klingon')).toBe('A');
    expect(() => decodeText(bytes(0x41), null, 'klingon')).toThrow(/"klingon"/);
  });

  test('replaces what is not valid', () => {
    expect(decodeText(bytes(0x41, 0xff), null)).toBe('A\ufffd');
  });
});
