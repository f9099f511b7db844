/* A simulated network: its hosts, names and proxies, in place of those of the platform. */
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Operation } from '@coloop/core';
import { type Scope, Suspension } from '@coloop/core/lowlevel';
import type { AddressRecord, NameServer, Network, Question } from '../connect/network.ts';
import type { TlsTarget } from '../connect/tls.ts';
import { InvalidOptionError } from '../errors.ts';
import type { SchedulerView } from '../waits.ts';
import { Connection } from './connection.ts';
import type { Handler } from './handler.ts';
import { type LinkOptions, type LinkSettings, readLink } from './link.ts';
import { type NameAnswer, type NameOptions, Names } from './names.ts';
import { playTls } from './played-tls.ts';
import { proxyScript } from './proxy.ts';
import { type ListenOptions, SimulatedHost } from './simulated-host.ts';
import { SimulatedSocket } from './socket.ts';
import { systemError } from './system-error.ts';
import { Outside, type World } from './world.ts';

/** One request as a proxy of a simulated network saw it. */
export interface ProxySeen {
  /** `CONNECT host:port`, or `GET http://host/…`. */
  readonly line: string;
  readonly headers: Headers;
}

/** Hosts, names and proxies, and the links between them, under the clock and the chance of one scheduler. */
export class SimulatedNetwork implements Network {
  /** @internal */
  readonly owner: Scope;
  readonly #outside: Outside;
  readonly #link: LinkSettings;
  readonly #names: Names;
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #byAddress = new Map<string, SimulatedHost>();
  readonly #sockets = new Set<SimulatedSocket>();

  /** @internal Use `simulation`. */
  constructor(world: World, owner: Scope, options: LinkOptions) {
    this.owner = owner;
    this.#outside = new Outside(world);
    this.#link = readLink(options);
    this.#names = new Names(this.#outside, 2 * this.#link.latency);
  }

  /**
   * A machine with a name and an address; asked twice for a name, it returns the same machine.
   *
   * @param name - also an IP address, for a machine without a name
   * @param addresses - default: one of its own
   */
  host(name: string, addresses?: readonly string[]): SimulatedHost {
    const key = name.toLowerCase();
    let host = this.#hosts.get(key);
    if (host !== undefined) {
      if (addresses !== undefined)
        throw new InvalidOptionError(
          `The simulated host ${name} has its addresses already: give them in the first call only.`,
        );
      return host;
    }
    const own =
      addresses ?? (isIP(name) === 0 ? [`10.0.${this.#hosts.size >> 8}.${(this.#hosts.size & 255) + 1}`] : [name]);
    host = new SimulatedHost(name, own, this.#outside, this, this.#link);
    this.#hosts.set(key, host);
    for (const address of own) this.#byAddress.set(address, host);
    if (isIP(name) === 0) this.#names.set(key, own);
    return host;
  }

  /** Answers HTTP at an origin, such as `'https://api.test'`, and returns its host. */
  serve(origin: string, handler: Handler, options: ListenOptions = {}): SimulatedHost {
    const { hostname, port, secure } = readOrigin(origin);
    const certificate = options.certificate ?? (secure ? 'valid' : undefined);
    return this.host(hostname).serve(port, handler, { ...options, certificate });
  }

  /** Decides what DNS answers for a name; with `nameserver`, what that one answers to a `Resolver` that asks it. */
  name(name: string, answer: NameAnswer, options: NameOptions = {}): void {
    this.#names.set(name, answer, options);
  }

  /** The names that DNS was asked for, in order. */
  get asked(): readonly string[] {
    return this.#names.asked;
  }

  /**
   * An HTTP proxy, such as `'http://user:password@proxy.test:3128'`; with credentials in the URL it asks for them (407).
   *
   * @returns its host, and the requests that it saw
   */
  proxy(
    url: string,
    options: ListenOptions = {},
  ): { readonly host: SimulatedHost; readonly seen: readonly ProxySeen[] } {
    const { hostname, port, secure, credentials } = readOrigin(url);
    const seen: ProxySeen[] = [];
    const certificate = options.certificate ?? (secure ? 'valid' : undefined);
    const script = proxyScript(this, credentials, seen);
    return { host: this.host(hostname).listen(port, script, { ...options, certificate }), seen };
  }

  /** How many sockets of clients are open or being opened. */
  get sockets(): number {
    return this.#sockets.size;
  }

  // ---- what the client uses ----

  /** @internal */
  connect(address: string, port: number, _localAddress: string | undefined, _scheduler: SchedulerView): Socket {
    const socket = new SimulatedSocket(address, port, (closed) => this.#sockets.delete(closed));
    this.#sockets.add(socket);
    this.#handshake(
      address,
      port,
      socket,
      (wire) => {
        if (!socket.destroyed) socket.connected(wire);
      },
      (error) => socket.destroy(error),
    );
    // It has all members of a Socket that the client uses.
    return socket as unknown as Socket;
  }

  /** @internal */
  lookup(
    question: Question,
    _scheduler: SchedulerView,
    answer: (error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]) => void,
  ): () => void {
    return this.#names.ask(question, answer);
  }

  /** @internal */
  nameServer(server: string): NameServer {
    const withdrawals: (() => void)[] = [];
    return {
      ask: (name, family, answer) => {
        withdrawals.push(this.#names.ask({ name, family, nameservers: [server] }, answer));
      },
      cancel: () => {
        for (const withdraw of withdrawals) withdraw();
      },
    };
  }

  /** @internal */
  secure(socket: Duplex, target: TlsTarget): Operation<Duplex> {
    return playTls(socket, target);
  }

  // ---- what the machines use ----

  /** @internal A connection from machine to machine. */
  *dial(hostname: string, port: number): Operation<Connection> {
    const address = this.#names.addressOf(hostname);
    if (address === undefined) throw systemError('ENOTFOUND', 'getaddrinfo', hostname);
    const connection = new Connection(0, `${hostname}:${port}`);
    yield* new Dialled(`connect(${hostname}:${port})`, (settle) => {
      this.#handshake(
        address,
        port,
        connection,
        (wire) => {
          connection.attach(wire, 'client');
          settle.wake(undefined);
        },
        (error) => settle.fail(error),
      );
    });
    return connection;
  }

  /** @internal */
  background(name: string, body: () => Operation<void>): void {
    this.#outside.start(name, body, () => true);
  }

  /** @internal Ends all machines; throws the failures of their servers, and an Error for sockets that were left open. */
  *end(): Operation<void> {
    const open = this.#sockets.size;
    for (const socket of [...this.#sockets]) socket.destroy();
    yield* this.#outside.end();
    const { failures } = this.#outside;
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1)
      throw new AggregateError(failures, `${failures.length} servers of the simulated network have failed.`);
    if (open > 0) {
      throw new Error(`The simulation has ended, but ${open} sockets are still open. Close what was opened in it.`);
    }
  }

  #handshake(
    address: string,
    port: number,
    client: SimulatedSocket | Connection,
    accepted: (wire: NonNullable<ReturnType<SimulatedHost['accept']>>) => void,
    refused: (error: Error) => void,
  ): void {
    const target = `${address}:${port}`;
    const { latency } = this.#link;
    const gone = (): boolean => client instanceof SimulatedSocket && client.destroyed;
    const begin = (): void => void this.#outside.after(latency, `connect(${target})`, arrive);
    const arrive = (): void => {
      if (gone()) return;
      const host = this.#byAddress.get(address);
      if (host?.plugged === false) {
        host.holdUntilPlugged(begin);
        return;
      }
      this.#outside.after(latency, `reply of ${target}`, () => {
        if (gone()) return;
        if (host?.plugged === false) host.holdUntilPlugged(begin);
        else if (host === undefined) refused(systemError('EHOSTUNREACH', 'connect', target));
        else {
          const wire = host.accept(port, client, `${host.name}:${port}`);
          if (wire === undefined) refused(systemError('ECONNREFUSED', 'connect', target));
          else accepted(wire);
        }
      });
    };
    begin();
  }
}

/** Waits for a handshake. */
class Dialled extends Suspension<void> {
  readonly #label: string;
  readonly #begin: (settle: Dialled) => void;

  constructor(label: string, begin: (settle: Dialled) => void) {
    super();
    this.#label = label;
    this.#begin = begin;
  }

  get label(): string {
    return this.#label;
  }

  poll(): boolean {
    return false;
  }

  arm(): void {
    this.#begin(this);
  }

  disarm(): void {}
}

function readOrigin(text: string): {
  hostname: string;
  port: number;
  secure: boolean;
  credentials: string | undefined;
} {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InvalidOptionError(
      `${JSON.stringify(text)} is not an origin: write it as 'http://api.test' or 'https://api.test:8443'.`,
    );
  }
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const credentials =
    url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, secure, credentials };
}
