import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Context, createContext, type Operation } from '@coloop/core';
import type { Scope } from '@coloop/core/lowlevel';
import type { SchedulerView } from '../waits.ts';
import type { TlsTarget } from './tls.ts';

/** A question to DNS. */
export interface Question {
  readonly name: string;
  /** 0 for both. */
  readonly family: 0 | 4 | 6;
  /** Empty: the system's. */
  readonly nameservers: readonly string[];
}

/** An address of a host. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** One record of an answer. */
export interface AddressRecord extends Address {
  /** Milliseconds. */
  readonly ttl: number;
}

/** A nameserver that can be asked. */
export interface NameServer {
  ask(
    name: string,
    family: 4 | 6,
    answer: (error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]) => void,
  ): void;
  /** Ends every question without an answer. */
  cancel(): void;
}

/** A network to connect to in place of the platform's: everything that connections are made of. */
export interface Network {
  /** The scope that the network ends with. */
  readonly owner: Scope;
  /** Does what `net.connect` does: the socket emits 'connect', or 'error' and 'close'. */
  connect(address: string, port: number, localAddress: string | undefined, scheduler: SchedulerView): Socket;
  /** The nameserver at an address with its port, of this network. */
  nameServer(server: string): NameServer;
  /** Answers a question to the system once; returns what withdraws it. */
  lookup(
    question: Question,
    scheduler: SchedulerView,
    answer: (error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]) => void,
  ): () => void;
  /** Does what TLS does, on a connection of this network. */
  secure(socket: Duplex, target: TlsTarget): Operation<Duplex>;
}

/** The network for pools that the running task and its children open; null: the platform's. */
export const currentNetwork: Context<Network | null> = createContext<Network | null>(null);
