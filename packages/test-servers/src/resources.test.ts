import { acquire, group, run, spawn, tick } from '@coloop/core';
import { expect, test } from 'vitest';
import { listens } from './ports.ts';
import { asResource, httpServer } from './resources.ts';

test('a server ends with the scope that acquired it', async () => {
  const port = await run(() =>
    group(function* () {
      const server = yield* acquire(httpServer((_request, response) => response.end()));
      return server.port;
    }),
  );
  expect(await listens(port)).toBe(false);
});

test('what starts in spite of a cancel is closed as well', async () => {
  let start: (server: { close(): Promise<void> }) => void = () => {};
  const starting = new Promise<{ close(): Promise<void> }>((resolve) => {
    start = resolve;
  });
  const closed = new Promise<void>((resolve) => {
    void run(function* () {
      const task = spawn(acquire(asResource(() => starting)()));
      yield* tick();
      const cancelling = spawn(task.cancel());
      yield* tick();
      start({ close: async () => resolve() });
      yield* cancelling;
    });
  });
  await closed;
});
