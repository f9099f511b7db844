import { asAsync, type HostScope, type Operation } from '@coloop/core';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { leftBy } from './left-by.ts';

/** An app whose handler is an operation: what it returns is sent, and it ends when its client leaves. */
export function fastifyApp(scope: HostScope, answer: (question: string) => Operation<string>): FastifyInstance {
  function* handle(request: FastifyRequest, _reply: FastifyReply): Operation<string> {
    return yield* answer((request.query as { q: string }).q);
  }

  const app = fastify();
  app.get('/', asAsync(handle, scope, { timeout: 10_000, signal: (_request, reply) => leftBy(reply.raw) }));
  return app;
}
