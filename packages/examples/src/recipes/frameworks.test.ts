import { createServer, get, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createScope, forever, type HostScope, type Operation, sleep } from '@coloop/core';
import { getRequestListener } from '@hono/node-server';
import { expect, test } from 'vitest';
import { expressApp } from './express.ts';
import { fastifyApp } from './fastify.ts';
import { honoApp } from './hono.ts';

type Answer = (question: string) => Operation<string>;

/** Each framework, as what node:http calls for a request. */
const FRAMEWORKS: Readonly<Record<string, (scope: HostScope, answer: Answer) => Promise<RequestListener>>> = {
  Express: async (scope, answer) => expressApp(scope, answer),
  Fastify: async (scope, answer) => {
    const app = fastifyApp(scope, answer);
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  Hono: async (scope, answer) => getRequestListener(honoApp(scope, answer).fetch),
};

async function listening(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A promise with what settles it from a generator. */
function signalled(): { promise: Promise<void>; give: () => void } {
  let give = (): void => {};
  const promise = new Promise<void>((done) => {
    give = done;
  });
  return { promise, give };
}

test.each(Object.entries(FRAMEWORKS))(
  'a handler of %s answers, and ends when its client leaves or the scope is closed',
  async (_name, appOf) => {
    const scope = createScope();
    let begun = signalled();
    const ended = signalled();
    const reasons: unknown[] = [];
    const { server, url } = await listening(
      await appOf(scope, function* (question) {
        if (question === 'quick') return yield* sleep(1, 'answered');
        try {
          begun.give();
          return yield* forever();
        } catch (error) {
          reasons.push((error as Error).name);
          throw error;
        } finally {
          ended.give();
        }
      }),
    );
    expect(await (await fetch(`${url}/?q=quick`)).text()).toBe('answered');

    const request = get(`${url}/?q=slow`);
    request.on('error', () => {});
    await begun.promise;
    request.destroy();
    await ended.promise;
    expect(reasons).toEqual(['CancelledError']);

    begun = signalled();
    const late = fetch(`${url}/?q=slow`).then(
      (response) => response.status,
      () => 'closed',
    );
    await begun.promise;
    await scope.close();
    expect(await late).not.toBe(200);
    expect(reasons).toEqual(['CancelledError', 'CancelledError']);
    server.closeAllConnections();
    server.close();
  },
);
