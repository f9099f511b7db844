/* A TCP connection to one of several addresses, which are tried 250 ms apart: the race of RFC 8305. */
import { connect, type Socket } from 'node:net';
import type { Operation } from '@coloop/core';
import { bare } from '../checks.ts';
import { AddressNotAllowedError, ClientConnectorError } from '../errors.ts';
import { CallbackWait, type SchedulerView, type Settle, Timer } from '../waits.ts';
import { notAllowed } from './address-rule.ts';
import { interleave } from './interleave.ts';
import type { LateFamily } from './lookup.ts';
import type { Address, Network } from './network.ts';
import { SocketReader } from './socket-reader.ts';

/** The addresses and the port of one server. */
export interface TcpTarget {
  /** For errors: `example.com:443`. */
  readonly display: string;
  /** At least one. */
  readonly addresses: readonly Address[];
  /** What is tried beside them once it comes. */
  readonly late?: LateFamily | undefined;
  readonly port: number;
  readonly localAddress: string | undefined;
  /** Null: the platform's. */
  readonly network: Network | null;
  /** Throws if an address must not be connected to; it is asked right before. */
  readonly check: ((address: Address) => void) | null;
}

/**
 * Opens a TCP connection to the first address that answers.
 *
 * Addresses are tried 250 ms apart, the next one at once if one fails, and those that come late take their turn too; the first
 * connection wins and the others are destroyed.
 *
 * Cancellation: destroys every attempt at once.
 *
 * @param track - is called with every socket that is made, so that closing can wait for all of them
 * @throws ClientConnectorError naming what each address answered, AddressNotAllowedError if none may be connected to.
 *
 * Source: RFC 8305, sections 3 and 5.
 */
export function connectTcp(target: TcpTarget, track: (socket: Socket) => void): Operation<Socket> {
  return new CallbackWait<Socket>(`connect(${target.display})`, (settle, scheduler) => {
    const race = new ConnectRace(target, track, settle, scheduler);
    race.start();
    return () => race.stop();
  });
}

/** The "Connection Attempt Delay" of RFC 8305. */
const ATTEMPT_DELAY = 250;

class ConnectRace {
  readonly #target: TcpTarget;
  readonly #track: (socket: Socket) => void;
  readonly #settle: Settle<Socket>;
  readonly #scheduler: SchedulerView;
  readonly #delay: Timer;
  #waiting: Address[];
  readonly #running = new Set<Socket>();
  readonly #failures: Failure[] = [];
  /** True while a family may still come. */
  #incomplete: boolean;
  /** True once the last attempt has had its time. */
  #due = false;
  #over = false;

  constructor(target: TcpTarget, track: (socket: Socket) => void, settle: Settle<Socket>, scheduler: SchedulerView) {
    this.#target = target;
    this.#track = track;
    this.#settle = settle;
    this.#scheduler = scheduler;
    this.#waiting = interleave(target.addresses);
    this.#incomplete = target.late !== undefined;
    this.#delay = new Timer(scheduler, () => {
      this.#due = true;
      this.#next();
    });
  }

  start(): void {
    this.#next();
    this.#target.late?.whenCome((addresses) => this.#lateCame(addresses));
  }

  /** The family that comes late has the next turn. */
  #lateCame(addresses: readonly Address[]): void {
    this.#incomplete = false;
    if (this.#over) return;
    this.#waiting = interleave([...addresses, ...this.#waiting]);
    if (this.#due || this.#running.size === 0) this.#next();
    this.#checkLost();
  }

  /** Tries the next address, beside those that are still being tried. */
  #next(): void {
    let address: Address | undefined;
    let socket: Socket | undefined;
    while (socket === undefined) {
      address = this.#waiting.shift();
      if (address === undefined) {
        this.#checkLost();
        return;
      }
      socket = this.#connect(address);
    }
    this.#due = false;
    this.#watch(socket, address as Address);
  }

  #watch(socket: Socket, { address }: Address): void {
    this.#running.add(socket);
    this.#track(socket);
    const onError = (error: NodeJS.ErrnoException): void => {
      this.#running.delete(socket);
      this.#failed(address, error);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      this.#won(socket);
    });
    this.#delay.set(ATTEMPT_DELAY);
  }

  /** Undefined if the address is refused, here or by the system, at once. */
  #connect(address: Address): Socket | undefined {
    try {
      this.#target.check?.(address);
      return this.#open(address);
    } catch (error) {
      this.#failures.push({ address: address.address, error: error as NodeJS.ErrnoException });
      return undefined;
    }
  }

  #open({ address, family }: Address): Socket {
    const { port, localAddress, network } = this.#target;
    if (network !== null) return network.connect(address, port, localAddress, this.#scheduler);
    const reader = new SocketReader();
    const socket = connect(
      bare({
        host: address,
        port,
        family,
        noDelay: true,
        autoSelectFamily: false,
        onread: reader,
        // The platform reads it through a copy that has a prototype.
        signal: undefined,
        ...(localAddress === undefined ? {} : { localAddress }),
      }),
    );
    reader.attach(socket);
    return socket;
  }

  stop(): void {
    this.#over = true;
    this.#delay.stop();
    for (const socket of this.#running) socket.destroy();
    this.#running.clear();
  }

  #won(socket: Socket): void {
    if (this.#over) return;
    this.#running.delete(socket);
    this.stop();
    if (!this.#settle.wake(socket)) socket.destroy();
  }

  #failed(address: string, error: NodeJS.ErrnoException): void {
    if (this.#over) return;
    this.#failures.push({ address, error });
    if (this.#waiting.length > 0) this.#next();
    else this.#checkLost();
  }

  #checkLost(): void {
    if (this.#over || this.#incomplete || this.#running.size > 0 || this.#waiting.length > 0) return;
    this.#over = true;
    this.#delay.stop();
    this.#settle.fail(this.#error());
  }

  #error(): ClientConnectorError {
    const errors = this.#failures.map(({ error }) => error);
    const refusals = errors.filter((error) => error instanceof AddressNotAllowedError);
    if (refusals.length === errors.length) return notAllowed(this.#target.display, refusals);
    const answers = this.#failures.map(answerOf);
    const cause = errors.length === 1 ? errors[0] : new AggregateError(errors, answers.join(', '));
    return new ClientConnectorError(`Cannot connect to ${this.#target.display}: ${answers.join(', ')}.`, {
      code: errors[0]?.code,
      phase: 'connect',
      cause,
    });
  }
}

interface Failure {
  readonly address: string;
  readonly error: NodeJS.ErrnoException;
}

function answerOf({ address, error }: Failure): string {
  return error instanceof AddressNotAllowedError ? error.message : `${address} answered ${error.code ?? error.message}`;
}
