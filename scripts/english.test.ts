import { describe, expect, test } from 'vitest';
import { stiltedIn } from './english.ts';

const found = (text: string): string[] => stiltedIn(text).map((phrase) => phrase.found);

describe('phrases that read like a translation', () => {
  test.each([
    ['Throws TypeError for what is no operation.', 'is no operation'],
    ['Names that are no addresses are looked up.', 'are no addresses'],
    ['A report without a figure that is none.', 'that is none'],
    ['resolver is none: give a Resolver', 'is none: '],
    ['Whoever waits for it gets the error.', 'Whoever'],
    ['A turn for who has waited longest.', 'for who'],
    ['Those who wait are woken.', 'Those who'],
    ['Codings are taken off within limits.', 'taken off'],
    ['Lets the connection go.', 'Lets the connection go'],
    ['It lets go of the socket.', 'lets go'],
    ['Waits until it is so.', 'it is so'],
    ['The task hears of a cancel.', 'hears of'],
    ['A request that waits in vain.', 'in vain'],
    ['Words upon the kernel.', 'upon'],
    ['Both are told as one.', 'told as'],
    ['The rest is read away.', 'read away'],
  ])('%s', (text, phrase) => {
    expect(found(text)).toEqual([phrase]);
  });

  test('are found across the lines of a comment, with the line on which they begin', () => {
    const text = '/**\n * Refuses what\n * is no\n * number.\n */\n// The rest is read\n// away.\n';
    expect(stiltedIn(text)).toMatchObject([
      { line: 3, found: 'is no number' },
      { line: 6, found: 'read away' },
    ]);
  });
});

test.each([
  'There is no such host.',
  'A loop in which there are no waits.',
  'It is no longer open.',
  'A cancel is no reason to fail.',
  'The cancel is taken from the queue, and the lock is so busy that others wait.',
  'A task that waits for the lock gets it.',
  'const isNone = whatever.is.none;',
])('plain English is left alone: %s', (text) => {
  expect(found(text)).toEqual([]);
});
