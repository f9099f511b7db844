import { attempt, run, spawn, tick } from '@coloop/core';
import { serve, serveRaw } from '@coloop/test-servers/vitest';
import { expect, test } from 'vitest';
import { ClientConnectorError } from '../errors.ts';
import { Session } from '../node/session.ts';
import { interleave } from './interleave.ts';
import { Resolver } from './resolver.ts';
import { connectTcp } from './tcp.ts';

test('the families take turns, that of the first address beginning', () => {
  const address = (text: string): { address: string; family: 4 | 6 } => ({
    address: text,
    family: text.includes(':') ? 6 : 4,
  });
  const order = (list: string[]): string[] => interleave(list.map(address)).map(({ address: text }) => text);
  expect(order(['::1', '::2', '::3', '1.1.1.1', '2.2.2.2'])).toEqual(['::1', '1.1.1.1', '::2', '2.2.2.2', '::3']);
  expect(order(['1.1.1.1', '::1'])).toEqual(['1.1.1.1', '::1']);
  expect(order([])).toEqual([]);
});

test('an address that refuses does not keep the next one waiting', async () => {
  const server = await serve((_, response) => response.end('ok'));
  const resolver = new Resolver({ hosts: { 'two.test': ['127.0.0.2', '::1', '127.0.0.1'] } });
  await run(function* () {
    const session = yield* Session.open({ resolver });
    const response = yield* session.get(`http://two.test:${server.port}/`);
    expect(yield* response.text()).toBe('ok');
    expect(session.pool.stats.sockets).toBe(1);
  });
});

test('where every address refuses, the error says what each answered', async () => {
  const resolver = new Resolver({ hosts: { 'none.test': ['127.0.0.1', '127.0.0.2'] } });
  await run(function* () {
    const session = yield* Session.open({ resolver });
    const tried = yield* attempt(session.get('http://none.test:1/'));
    expect(tried).toMatchObject({ ok: false, error: { code: 'ECONNREFUSED', phase: 'connect' } });
    const { error } = tried as { error: ClientConnectorError };
    expect(error).toBeInstanceOf(ClientConnectorError);
    expect(error.message).toContain('127.0.0.1 answered ECONNREFUSED, 127.0.0.2 answered ECONNREFUSED');
    expect(error.cause).toBeInstanceOf(AggregateError);
  });
});

test('a cancel destroys every attempt at once', async () => {
  const server = await serve(() => {});
  await run(function* () {
    const session = yield* Session.open();
    const task = spawn(session.get(server.url));
    session.trace.on('connect', () => queueMicrotask(() => task.cancel()));
    yield* tick();
    yield* attempt(task);
    yield* session.close();
    expect(session.pool.stats.sockets).toBe(0);
  });
});

test('a signal that somebody wrote on Object.prototype ends no attempt', async () => {
  const { port } = await serveRaw(() => {});
  await run(function* () {
    const target = { display: 'here', addresses: [{ address: '127.0.0.1', family: 4 as const }], port };
    const connecting = connectTcp({ ...target, localAddress: undefined, network: null, check: null }, () => {});
    Reflect.set(Object.prototype, 'signal', AbortSignal.abort());
    const task = spawn(connecting);
    yield* tick();
    Reflect.deleteProperty(Object.prototype, 'signal');
    const socket = yield* task;
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });
});
