import { describe, expect, test } from 'vitest';
import { Anchors, hasAnchor } from './anchors.ts';

const anchors = Anchors.of(['intro', 'old', '\u{e9}', 'user-content-use', '50%', 'a b', '100%-\u{e9}']);

describe('a fragment', () => {
  test.each(['#intro', '#old', '#%C3%A9', '#\u{e9}', '#a%20b', '#use', '#user-content-use'])(
    '%s leads to a name',
    (fragment) => {
      expect(hasAnchor(anchors, fragment)).toBe(true);
    },
  );

  test.each(['#missing', '#Intro', '#%zz', '#top2', '#intro2'])('%s leads nowhere', (fragment) => {
    expect(hasAnchor(anchors, fragment)).toBe(false);
  });

  test('is not spoiled by a percent sign that escapes nothing', () => {
    expect(hasAnchor(anchors, '#50%')).toBe(true);
    expect(hasAnchor(anchors, '#50%25')).toBe(true);
    expect(hasAnchor(anchors, '#100%-%C3%A9')).toBe(true);
  });

  test.each(['', '#', '#top', '#TOP', '#:~:text=hello', '#intro:~:text=hello', '#/routes', '#!/routes'])(
    '%s needs no name',
    (fragment) => {
      expect(hasAnchor(anchors, fragment)).toBe(true);
    },
  );
});

test('many names are found, and no others', () => {
  const names = Array.from({ length: 5_000 }, (_, index) => `section-${index}`);
  const many = Anchors.of(names);
  expect(names.every((name) => many.has(name))).toBe(true);
  expect(names.filter((name) => many.has(`${name}-`))).toEqual([]);
  expect(Anchors.of([]).has('a')).toBe(false);
});
