import { asAsync, type HostScope, isCancelled, type Operation } from '@coloop/core';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { leftBy } from './left-by.ts';

/** An app whose handler is an operation: it ends when its client leaves, after 10 s, and with the scope. */
export function expressApp(scope: HostScope, answer: (question: string) => Operation<string>): Express {
  function* handle(request: Request, response: Response): Operation<void> {
    response.send(yield* answer(String(request.query.q)));
  }

  const app = express();
  app.get('/', asAsync(handle, scope, { timeout: 10_000, signal: (_request, response) => leftBy(response) }));
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (isCancelled(error)) response.status(503).end();
    else next(error);
  });
  return app;
}
