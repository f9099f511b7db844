import { expect, test } from 'vitest';
import { takeTransfer, takeTransfers, transfer } from './transfer.ts';

test('a value is marked once, with its own memory or with the list that was given', () => {
  const bytes = new Uint8Array(8);
  expect(transfer(bytes)).toBe(bytes);
  expect(takeTransfer(bytes)).toEqual([bytes.buffer]);
  expect(takeTransfer(bytes)).toBeNull();
  const image = transfer({ pixels: bytes }, [bytes.buffer]);
  expect(takeTransfers([1, 'text', null, image, transfer(new ArrayBuffer(2))])).toHaveLength(2);
  expect(takeTransfers([1, bytes])).toBeNull();
});

test('a typed array that covers a part of its memory is copied: the rest belongs to others', () => {
  const part = new Uint8Array(new ArrayBuffer(16), 0, 8);
  expect(takeTransfer(transfer(part))).toEqual([]);
});

test('what cannot be moved is refused with what to write instead', () => {
  expect(() => transfer({ pixels: new Uint8Array(1) })).toThrow(
    'transfer got an object, which cannot be moved as a whole. Give a list of what is inside it',
  );
  expect(() => transfer(3 as never)).toThrow('transfer takes an object, such as a typed array, not 3.');
});
