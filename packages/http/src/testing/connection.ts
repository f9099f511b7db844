/* A server's end of a simulated connection, for scripts that read and write bytes. */
import type { Operation } from '@coloop/core';
import { Suspension } from '@coloop/core/lowlevel';
import type { End, Held, Pipe } from './pipe.ts';
import type { Wire } from './wire.ts';

/** The other side of a simulated connection has gone, or broken it. For a script this error is an end like any other. */
export class PeerGoneError extends Error {
  override readonly name = 'PeerGoneError';

  constructor(place: string) {
    super(`The peer of the simulated connection ${place} has gone: nothing can be read from it or written to it.`);
  }
}

/** A server's end of a simulated connection, for scripts: it reads and writes bytes as they are. */
export class Connection implements End {
  /** Which connection of its listener this is, from 1 on. */
  readonly number: number;
  readonly #place: string;
  #wire: Wire | undefined;
  #side: 'server' | 'client' = 'server';
  #inbox: Uint8Array[] = [];
  #state: 'open' | 'ended' | 'gone' = 'open';
  #closed = false;
  #wait: ReadWait | undefined;
  #writes = new Set<WriteWait>();
  /** @internal Is called once nothing that is written here will be read. */
  whenGone: (() => void) | undefined;

  /** @internal */
  constructor(number: number, place: string) {
    this.number = number;
    this.#place = place;
  }

  /** Waits for bytes, and returns all that have come; undefined at their end. */
  read(): Operation<Uint8Array | undefined> {
    return new ReadWait(this);
  }

  /**
   * Reads up to and including `mark`; what came after it stays for the next read.
   *
   * @returns undefined if the end comes first
   */
  *readUntil(mark: string): Operation<Uint8Array | undefined> {
    const seen: Uint8Array[] = [];
    for (;;) {
      const bytes = yield* this.read();
      if (bytes === undefined) return undefined;
      seen.push(bytes);
      const all = Buffer.concat(seen);
      const at = all.indexOf(mark);
      if (at === -1) continue;
      const end = at + Buffer.byteLength(mark);
      if (end < all.length) this.unread(all.subarray(end));
      return all.subarray(0, end);
    }
  }

  /** Puts bytes back before what will be read next. */
  unread(bytes: Uint8Array): void {
    this.#inbox.unshift(bytes);
    this.#pipes()?.receiving.consumed(-bytes.length);
  }

  /**
   * Sends bytes, or text as UTF-8; waits while the window of the link is full.
   *
   * @throws PeerGoneError
   */
  write(data: string | Uint8Array): Operation<void> {
    return new WriteWait(this, typeof data === 'string' ? Buffer.from(data) : data);
  }

  /** Ends this direction; what the peer still sends can be read. */
  end(): void {
    if (!this.#closed) this.#pipes()?.sending.end();
  }

  /** Breaks the connection: the peer gets ECONNRESET. */
  reset(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pipes()?.sending.reset();
    this.#pipes()?.receiving.close();
  }

  /** From now on nothing comes through, in either direction, and the peer is not told. */
  silence(): void {
    this.#wire?.silence();
  }

  /** @internal The script of this connection has ended. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pipes()?.sending.gone();
  }

  /** @internal */
  attach(wire: Wire, side: 'server' | 'client' = 'server'): void {
    this.#wire = wire;
    this.#side = side;
  }

  // ---- what the network says ----

  /** @internal */
  received(bytes: Uint8Array): void {
    if (this.#closed) {
      // The script has ended: as the system does, answer with a reset.
      this.#pipes()?.sending.reset();
      return;
    }
    if (this.#state !== 'open') return;
    this.#inbox.push(bytes);
    this.#wakeReader();
  }

  /** @internal */
  peerEnded(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wakeReader();
    this.whenGone?.();
  }

  /** @internal */
  peerGone(): void {
    this.peerEnded();
    this.#lost();
  }

  /** @internal */
  broken(): void {
    this.#inbox = [];
    this.#lost();
    this.whenGone?.();
  }

  #lost(): void {
    const ended = this.#state === 'ended';
    this.#state = 'gone';
    const error = new PeerGoneError(this.#place);
    for (const wait of [...this.#writes]) wait.fail(error);
    // A task that reads sees the end first.
    if (!ended) this.#wait?.fail(error);
  }

  #wakeReader(): void {
    const wait = this.#wait;
    if (wait === undefined) return;
    this.#wait = undefined;
    wait.wake(this.take());
  }

  #pipes(): { readonly sending: Pipe; readonly receiving: Pipe } | undefined {
    if (this.#wire === undefined) return undefined;
    const { toServer, toClient } = this.#wire;
    return this.#side === 'server'
      ? { sending: toClient, receiving: toServer }
      : { sending: toServer, receiving: toClient };
  }

  // ---- what the waits see ----

  /** @internal */
  get readable(): boolean {
    return this.#inbox.length > 0 || this.#state !== 'open';
  }

  /** @internal */
  take(): Uint8Array | undefined {
    if (this.#inbox.length === 0) return undefined;
    const bytes = Buffer.concat(this.#inbox);
    this.#inbox = [];
    this.#pipes()?.receiving.consumed(bytes.length);
    return bytes;
  }

  /** @internal */
  awaitBytes(wait: ReadWait | undefined): void {
    this.#wait = wait;
  }

  /** @internal True if the bytes were taken at once. */
  writeNowait(bytes: Uint8Array): boolean {
    if (this.#state === 'gone' || this.#closed) throw new PeerGoneError(this.#place);
    const pipe = this.#pipes()?.sending;
    if (pipe?.hasRoom(bytes.length) !== true) return false;
    pipe.write(bytes, nothing);
    return true;
  }

  /** @internal */
  writeLater(wait: WriteWait, bytes: Uint8Array): Held | undefined {
    this.#writes.add(wait);
    return this.#pipes()?.sending.write(bytes, () => {
      this.#writes.delete(wait);
      wait.wake(undefined);
    });
  }

  /** @internal */
  withdraw(wait: WriteWait, held: Held | undefined): void {
    this.#writes.delete(wait);
    if (held !== undefined) this.#pipes()?.sending.withdraw(held);
  }

  /** @internal */
  get place(): string {
    return this.#place;
  }
}

class ReadWait extends Suspension<Uint8Array | undefined> {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
  }

  get label(): string {
    return `bytes on ${this.#connection.place}`;
  }

  poll(): boolean {
    return this.#connection.readable ? this.finish(this.#connection.take()) : false;
  }

  arm(): void {
    this.#connection.awaitBytes(this);
  }

  disarm(): void {
    this.#connection.awaitBytes(undefined);
  }
}

class WriteWait extends Suspension<void> {
  readonly #connection: Connection;
  readonly #bytes: Uint8Array;
  #held: Held | undefined;

  constructor(connection: Connection, bytes: Uint8Array) {
    super();
    this.#connection = connection;
    this.#bytes = bytes;
  }

  get label(): string {
    return `room to write on ${this.#connection.place}`;
  }

  poll(): boolean {
    return this.#connection.writeNowait(this.#bytes) ? this.finish(undefined) : false;
  }

  arm(): void {
    this.#held = this.#connection.writeLater(this, this.#bytes);
  }

  disarm(): void {
    this.#connection.withdraw(this, this.#held);
  }
}

function nothing(): void {}
