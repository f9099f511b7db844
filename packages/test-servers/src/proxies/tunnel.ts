/** What proxies do once they have agreed: they carry bytes both ways. */
import type { LookupFunction, Socket } from 'node:net';
import { connect } from 'node:net';

/** Every name is this machine's, as befits the names below `.test` that the tests use. */
export const loopback: LookupFunction = (_name, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/**
 * Connects `socket` with `authority`, and ends both together.
 *
 * @param authority `host:port`
 * @param greeting what the client is told when the way is open
 */
export function tunnel(
  socket: Socket,
  authority: string,
  greeting: string | Uint8Array,
  lookup: LookupFunction = loopback,
): void {
  const { hostname, port } = new URL(`http://${authority}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const onward = connect({ host, port: Number(port || 80), lookup }, () => {
    socket.write(greeting);
    onward.pipe(socket).pipe(onward);
  });
  socket.on('error', () => onward.destroy());
  socket.on('close', () => onward.destroy());
  onward.on('error', () => socket.destroy());
}
