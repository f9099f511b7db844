import type { ServerResponse } from 'node:http';

/** A signal that is aborted when the client leaves before it has its response. */
export function leftBy(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort('the client has left');
  });
  return controller.signal;
}
