/**
 * A WebSocket conversation: texts and bytes both ways, a ping, and a close.
 *
 * aiohttp: `async with session.ws_connect(url) as ws: … async for message in ws: …`
 */
import { acquire, type Operation, spawn, timeout } from '@coloop/core';
import { Session, type WebSocket } from '@coloop/http';
import { webSocketServer } from '@coloop/test-servers/resources';
import type { WebSocket as ServerSocket } from 'ws';
import { startExample } from '../shared/start-example.ts';

/** Repeats every text in capitals, reverses bytes, and says goodbye after 'bye'. */
function converse(socket: ServerSocket): void {
  socket.send('Who is there?');
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) socket.send(Uint8Array.from(data).reverse());
    else if (data.toString() === 'bye') socket.close(4000, 'it was a pleasure');
    else socket.send(data.toString().toUpperCase());
  });
}

function* listen(socket: WebSocket): Operation<void> {
  for (let next = yield* socket.next(); !next.done; next = yield* socket.next()) {
    const message = next.value;
    console.log(typeof message === 'string' ? `< ${message}` : `< bytes ${message.join(' ')}`);
  }
}

function* say(socket: WebSocket, message: string | Uint8Array): Operation<void> {
  console.log(typeof message === 'string' ? `> ${message}` : `> bytes ${message.join(' ')}`);
  yield* socket.send(message);
}

export function* conversation(): Operation<void> {
  const handleProtocols = (offered: Set<string>): string | false => offered.has('chat') && 'chat';
  const server = yield* acquire(webSocketServer(converse, { handleProtocols }));

  const session = yield* Session.open();
  const socket = yield* session.ws(`ws://127.0.0.1:${server.port}/`, { protocols: ['chat'], heartbeat: 30_000 });
  console.log(`connected, subprotocol '${socket.protocol}'`);

  // One message at a time …
  console.log(`< ${yield* socket.receive()}`);
  yield* say(socket, 'a client');
  console.log(`< ${yield* timeout(5000, socket.receive())}`);

  // … or a task that listens while this one talks.
  const listening = spawn(listen(socket));
  yield* socket.ping();
  console.log('the ping was answered');
  yield* say(socket, new Uint8Array([1, 2, 3]));
  yield* say(socket, 'how are you?');
  yield* say(socket, 'bye');
  yield* listening;
  console.log(`closed by the server with ${socket.closeCode}: ${socket.closeReason}`);
}

await startExample(import.meta.url, conversation);
