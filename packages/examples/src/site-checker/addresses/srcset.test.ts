import { expect, test } from 'vitest';
import { addressesOfSrcset } from './srcset.ts';

// The examples of the standard, and what implementations get wrong.
test.each([
  ['a.png 1x, b.png 2x', ['a.png', 'b.png']],
  ['a.png, b.png 2x', ['a.png', 'b.png']],
  ['a.png,b.png 2x', ['a.png,b.png']],
  ['  ,, a.png , , b.png,', ['a.png', 'b.png']],
  ['data:image/png;base64,AA== 1x, b.png', ['data:image/png;base64,AA==', 'b.png']],
  ['a.png (1x, 2x), b.png', ['a.png', 'b.png']],
  ['a\u{a0}b.png 1x', ['a\u{a0}b.png']],
  ['a.png 100w 50h,b.png 200w', ['a.png', 'b.png']],
  ['', []],
  [' , ', []],
])('%j holds %j', (text, addresses) => {
  expect(addressesOfSrcset(text)).toEqual(addresses);
});
