import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defer, type EventFlag, group, type Operation, once, sleep } from '@coloop/core';
import { main } from '@coloop/core/node';

function* answer(_request: IncomingMessage, response: ServerResponse): Operation<void> {
  console.log('asked');
  yield* sleep(200);
  response.end('answered');
}

/** A server that takes no new requests after SIGTERM, and finishes those that it has. */
function* serve(stop: EventFlag): Operation<void> {
  const server = createServer();
  defer(() => server.closeAllConnections());
  server.listen(0, '127.0.0.1');
  yield* once(server, 'listening');
  console.log((server.address() as AddressInfo).port);

  yield* group(function* (g) {
    server.on('request', (request, response) => g.spawn(answer(request, response)));
    yield* stop.wait();
    console.log('draining');
    server.close();
    server.closeIdleConnections();
  });
  console.log('drained');
}

await main(serve, { drain: 30_000 });
