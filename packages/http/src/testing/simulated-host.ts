/* A machine of a simulated network: its ports, its connections, and its cable. */
import type { Operation } from '@coloop/core';
import { checkNames, invalid } from '../checks.ts';
import { currentNetwork, type Network } from '../connect/network.ts';
import { Connection, PeerGoneError } from './connection.ts';
import type { Handler } from './handler.ts';
import { speakHttp } from './http-server.ts';
import { type LinkOptions, type LinkSettings, readLink } from './link.ts';
import type { End } from './pipe.ts';
import { acceptTls, type Certificate } from './played-tls.ts';
import { Wire } from './wire.ts';
import type { Outside } from './world.ts';

const LISTEN_OPTIONS: readonly (keyof ListenOptions)[] = ['certificate', 'link'];

/** How a port of a simulated host behaves. */
export interface ListenOptions {
  /** Has the port speak TLS (played: its time and its failures, no keys), with such a certificate. */
  readonly certificate?: Certificate | undefined;
  /** The link between the clients and this port, over the network's own; a function is called for each connection, from 1 on. */
  readonly link?: LinkOptions | ((connection: number) => LinkOptions) | undefined;
}

/** Serves one connection by bytes as they are; the connection is closed when it returns. */
export type Script = (connection: Connection) => Operation<void>;

interface Listener {
  readonly options: ListenOptions;
  readonly serve: (connection: Connection, cancel: () => void) => Operation<void>;
  accepted: number;
}

/** A machine of a simulated network. */
export class SimulatedHost {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly #outside: Outside;
  readonly #network: Network;
  readonly #link: LinkSettings;
  readonly #listeners = new Map<number, Listener>();
  readonly #open = new Map<Connection, Wire>();
  #plugged = true;
  /** What came while it was unplugged, and is sent again. */
  #held: (() => void)[] = [];
  #accepted = 0;

  /** @internal */
  constructor(name: string, addresses: readonly string[], outside: Outside, network: Network, link: LinkSettings) {
    this.name = name;
    this.addresses = addresses;
    this.#outside = outside;
    this.#network = network;
    this.#link = link;
  }

  /** How many connections to this host are open, from its side. */
  get connections(): number {
    return this.#open.size;
  }

  /** How many connections this host has ever accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Answers HTTP on a port. */
  serve(port: number, handler: Handler, options: ListenOptions = {}): this {
    return this.#listen(port, options, (connection, cancel) => speakHttp(connection, handler, cancel));
  }

  /** Serves each connection to a port by a coroutine, byte by byte. */
  listen(port: number, script: Script, options: ListenOptions = {}): this {
    return this.#listen(port, options, script);
  }

  /** Refuses new connections to a port; those that are open stay. */
  unlisten(port: number): this {
    this.#listeners.delete(port);
    return this;
  }

  /**
   * From now on nothing reaches this host or leaves it, without any sign to its peers: its connections are half-open, and those
   * that begin wait for `plugIn`.
   */
  unplug(): void {
    this.#plug(false);
  }

  /** Ends `unplug`: what was on the way arrives now. */
  plugIn(): void {
    this.#plug(true);
  }

  /** Breaks all connections, as the death of a process does. */
  crash(): void {
    for (const connection of [...this.#open.keys()]) connection.reset();
  }

  #plug(inAgain: boolean): void {
    if (this.#plugged === inAgain) return;
    this.#plugged = inAgain;
    for (const wire of this.#open.values()) wire.plug(inAgain);
    if (inAgain) for (const again of this.#held.splice(0)) again();
  }

  /** @internal A packet is lost while it is unplugged; its sender repeats it, and it arrives once this is plugged in again. */
  holdUntilPlugged(again: () => void): void {
    this.#held.push(again);
  }

  #listen(port: number, options: ListenOptions, serve: Listener['serve']): this {
    checkNames(`The port ${port} of ${this.name}`, options, LISTEN_OPTIONS);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw invalid(`The port of ${this.name}`, port, 'give a whole number from 1 to 65,535');
    }
    this.#listeners.set(port, { options, serve, accepted: 0 });
    return this;
  }

  /** @internal Whether a packet comes through. */
  get plugged(): boolean {
    return this.#plugged;
  }

  /** @internal A connection to a port, or undefined if the host does not listen on it. */
  accept(port: number, client: End, place: string): Wire | undefined {
    const listener = this.#listeners.get(port);
    if (listener === undefined) return undefined;
    listener.accepted += 1;
    this.#accepted += 1;
    const { link, certificate } = listener.options;
    const settings = readLink((typeof link === 'function' ? link(listener.accepted) : link) ?? {}, this.#link);
    const connection = new Connection(listener.accepted, place);
    const wire = new Wire(this.#outside, settings, client, connection, place);
    connection.attach(wire);
    this.#open.set(connection, wire);
    const { serve } = listener;
    // The third packet of the handshake tells the server that there is a connection.
    this.#outside.after(settings.latency, `connection to ${place}`, () => {
      const task = this.#outside.start(
        `${this.name}:${port}#${listener.accepted}`,
        () =>
          this.#serve(
            connection,
            certificate,
            (cancel) => serve(connection, cancel),
            () => task.cancel('the client has gone'),
          ),
        isPeerGone,
      );
      (task as typeof task & { whenSettled(then: () => void): void }).whenSettled(() => this.#open.delete(connection));
    });
    return wire;
  }

  *#serve(
    connection: Connection,
    certificate: Certificate | undefined,
    serve: (cancel: () => void) => Operation<void>,
    cancel: () => void,
  ): Operation<void> {
    let good = false;
    try {
      if (certificate === undefined || (yield* acceptTls(connection, certificate))) {
        yield* currentNetwork.with(this.#network, serve(cancel));
      }
      good = true;
    } finally {
      if (good) connection.close();
      else connection.reset();
    }
  }
}

function isPeerGone(error: unknown): boolean {
  return error instanceof PeerGoneError;
}
