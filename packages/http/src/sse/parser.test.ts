import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LimitExceededError } from '../errors.ts';
import { EventStreamParser, type ServerSentEvent } from './parser.ts';

function parse(...chunks: string[]): ServerSentEvent[] {
  const parser = new EventStreamParser(10_000);
  return chunks.flatMap((chunk) => parser.push(chunk));
}

const message = (data: string, lastEventId = '', type = 'message'): ServerSentEvent => ({ type, data, lastEventId });

describe('EventStreamParser', () => {
  test('reads the examples of the HTML standard', () => {
    expect(parse('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual([message('YHOO\n+2\n10')]);
    expect(
      parse(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n'),
    ).toEqual([message('first event', '1'), message('second event'), message(' third event')]);
    expect(parse('data\n\ndata\ndata\n\ndata:')).toEqual([message(''), message('\n')]);
    expect(parse('data:test\n\ndata: test\n\n')).toEqual([message('test'), message('test')]);
    expect(parse('event: add\ndata: 73857293\n\n')).toEqual([message('73857293', '', 'add')]);
  });

  test('keeps the id for later events, also from one without data, and ignores one with NUL', () => {
    expect(parse('id: 7\n\ndata: a\n\nid: x\0y\ndata: b\n\n')).toEqual([message('a', '7'), message('b', '7')]);
  });

  test('takes LF, CR and CRLF, wherever the text is cut', () => {
    const stream = 'data: a\r\n\r\ndata: b\r\rdata: c\n\nevent: e\rdata: d\n\r\n';
    const whole = parse(stream);
    expect(whole.map(({ data }) => data)).toEqual(['a', 'b', 'c', 'd']);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        expect(parse(...at.slice(1).map((end, i) => stream.slice(at[i], end)))).toEqual(whole);
      }),
    );
  });

  test('gives an event as soon as its empty line came, also when it ended with CR', () => {
    expect(parse('data: a\r\r')).toEqual([message('a')]);
  });

  test('passes over a byte order mark, comments and unknown fields', () => {
    expect(parse('\ufeffdata: a\n: comment\nfoo: bar\n\n')).toEqual([message('a')]);
  });

  test('takes retry only as digits', () => {
    const parser = new EventStreamParser(100);
    parser.push('retry: 1.5\nretry: -1\n');
    expect(parser.retry).toBeUndefined();
    parser.push('retry: 250\n');
    expect(parser.retry).toBe(250);
  });

  test('bounds an event, but not the comments of a long silence', () => {
    const parser = new EventStreamParser(20);
    for (let i = 0; i < 100; i++) parser.push(': keep alive\n');
    expect(() => parser.push('data: 12345\ndata: 12345\ndata: 1\n')).toThrow(LimitExceededError);
    expect(() => new EventStreamParser(20).push('x'.repeat(21))).toThrow(LimitExceededError);
  });
});
