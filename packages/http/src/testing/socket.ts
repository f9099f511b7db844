/* The client's end of a simulated connection, in the form of a `net.Socket`. */
import { Duplex } from 'node:stream';
import { systemError } from './system-error.ts';
import type { Wire } from './wire.ts';

/** The client's end of a simulated connection: it has all of a `net.Socket` that the client uses. */
export class SimulatedSocket extends Duplex {
  connecting = true;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #closed: (socket: SimulatedSocket) => void;
  #wire: Wire | undefined;
  #inbox: Uint8Array[] = [];
  #wanted = false;
  #peerEnded = false;
  #afterConnect: (() => void) | undefined;

  constructor(address: string, port: number, closed: (socket: SimulatedSocket) => void) {
    super({ highWaterMark: 65_536, allowHalfOpen: false });
    this.remoteAddress = address;
    this.remotePort = port;
    this.#closed = closed;
  }

  /** The other side has accepted. */
  connected(wire: Wire): void {
    this.#wire = wire;
    this.connecting = false;
    this.#afterConnect?.();
    this.emit('connect');
  }

  // ---- what the network says ----

  received(bytes: Uint8Array): void {
    if (this.destroyed) return;
    this.#inbox.push(bytes);
    this.#flush();
  }

  peerEnded(): void {
    if (this.destroyed) return;
    this.#peerEnded = true;
    this.#flush();
  }

  /** As on a real socket, this alone shows only when something is written. */
  peerGone(): void {
    this.peerEnded();
  }

  broken(): void {
    // The bytes that came before are read first, as libuv does it.
    process.nextTick(() => this.destroy(systemError('ECONNRESET', 'read')));
  }

  // ---- what net.Socket has beside a stream ----

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  // ---- the stream ----

  override _read(): void {
    this.#wanted = true;
    this.#flush();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#whenConnected((wire) => wire.toServer.write(chunk, () => callback()));
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#whenConnected((wire) => {
      wire.toServer.end();
      callback();
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#inbox = [];
    this.#wire?.toClient.close();
    this.#wire?.toServer.gone();
    this.#closed(this);
    callback(error);
  }

  #whenConnected(act: (wire: Wire) => void): void {
    if (this.#wire !== undefined) act(this.#wire);
    else this.#afterConnect = () => act(this.#wire as Wire);
  }

  #flush(): void {
    while (this.#wanted && this.#inbox.length > 0) {
      const bytes = this.#inbox.shift() as Uint8Array;
      this.#wire?.toClient.consumed(bytes.length);
      this.#wanted = this.push(bytes);
    }
    if (this.#peerEnded && this.#inbox.length === 0) {
      this.#peerEnded = false;
      this.push(null);
    }
  }
}
