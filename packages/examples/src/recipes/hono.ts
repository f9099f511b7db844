import { asAsync, type HostScope, isCancelled, type Operation } from '@coloop/core';
import { type Context, Hono } from 'hono';

/** An app whose handler is an operation: the request brings the signal that is aborted when its client leaves. */
export function honoApp(scope: HostScope, answer: (question: string) => Operation<string>): Hono {
  function* handle(context: Context): Operation<Response> {
    return context.text(yield* answer(context.req.query('q') ?? ''));
  }

  const app = new Hono();
  app.get('/', asAsync(handle, scope, { timeout: 10_000, signal: (context) => context.req.raw.signal }));
  app.onError((error, context) => {
    if (isCancelled(error)) return context.body(null, 503);
    throw error;
  });
  return app;
}
