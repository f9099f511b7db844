import { expect, test } from 'vitest';
import { listens } from './ports.ts';
import { eventually, serve } from './vitest.ts';

let port = 0;

test('a server runs as long as its test', async () => {
  ({ port } = await serve((_request, response) => response.end()));
  expect(await listens(port)).toBe(true);
});

test('and is gone when the next test begins', async () => {
  expect(port).toBeGreaterThan(0);
  expect(await listens(port)).toBe(false);
});

test('eventually returns when its condition holds', async () => {
  let looks = 0;
  await eventually(() => ++looks === 3);
  expect(looks).toBe(3);
});
