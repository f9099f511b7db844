import { connect, type Socket } from 'node:net';
import type { Operation } from '@coloop/core';
import { bare } from '../checks.ts';
import { ClientConnectorError } from '../errors.ts';
import { CallbackWait } from '../waits.ts';
import { SocketReader } from './socket-reader.ts';

/**
 * Connects to a unix socket.
 *
 * Cancellation: destroys the attempt at once.
 *
 * @param track - is called with the socket that is made, so that closing can wait for it
 * @throws ClientConnectorError
 */
export function connectUnix(path: string, track: (socket: Socket) => void): Operation<Socket> {
  return new CallbackWait<Socket>(`connect(${path})`, (settle) => {
    const reader = new SocketReader();
    // The platform reads `signal` through a copy that has a prototype.
    const socket = connect(bare({ path, onread: reader, signal: undefined }));
    reader.attach(socket);
    track(socket);
    const fail = (cause: NodeJS.ErrnoException): void => {
      const message = `Cannot connect to the socket ${path}: the system answered ${cause.code ?? cause.message}; look at the path, and whether a server listens there.`;
      settle.fail(new ClientConnectorError(message, { code: cause.code, phase: 'connect', cause }));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      if (!settle.wake(socket)) socket.destroy();
    });
    return () => socket.destroy();
  });
}
