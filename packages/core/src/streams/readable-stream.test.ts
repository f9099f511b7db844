import { expect, test } from 'vitest';
import { readableStream } from './readable-stream.ts';

test('a ReadableStream asks for nothing before its consumer does, and for one thing at a time', async () => {
  let asked = 0;
  const next = async (): Promise<IteratorResult<number, void>> => {
    asked += 1;
    return asked > 2 ? { done: true, value: undefined } : { done: false, value: asked };
  };
  const reader = readableStream(next, async () => undefined).getReader();
  await Promise.resolve();
  expect(asked).toBe(0);
  expect(await reader.read()).toEqual({ done: false, value: 1 });
  expect(asked).toBe(1);
  expect(await reader.read()).toEqual({ done: false, value: 2 });
  expect(await reader.read()).toEqual({ done: true, value: undefined });
  expect(asked).toBe(3);
});

test('a consumer that wants no more closes the source, and gets the error of that', async () => {
  const closed: string[] = [];
  const endless = async (): Promise<IteratorResult<number, void>> => ({ done: false, value: 1 });
  await readableStream(endless, async () => closed.push('closed')).cancel();
  expect(closed).toEqual(['closed']);
  const failing = readableStream(endless, () => Promise.reject(new Error('it does not close')));
  await expect(failing.cancel()).rejects.toThrow('it does not close');
});
