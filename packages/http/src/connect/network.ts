import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Context, createContext, type Operation } from '@coloop/core';
import type { Scope } from '@coloop/core/lowlevel';
import type { SchedulerView } from '../waits.ts';
import type { TlsTarget } from './tls.ts';

/** What is asked of DNS. */
export interface Question {
  readonly name: string;
  /** 0 for both. */
  readonly family: 0 | 4 | 6;
  /** Empty: the system's. */
  readonly nameservers: readonly string[];
}

/** One record of an answer; `ttl` in milliseconds. */
export interface AddressRecord {
  readonly address: string;
  readonly family: 4 | 6;
  readonly ttl: number;
}

/** A world to connect to in place of the platform's: everything that connections are made of. */
export interface Network {
  /** The scope that it ends with. */
  readonly owner: Scope;
  /** As `net.connect`: the socket says 'connect', or 'error' and 'close'. */
  connect(address: string, port: number, localAddress: string | undefined, scheduler: SchedulerView): Socket;
  /** Answers a question once; gives back what withdraws it. */
  lookup(
    question: Question,
    scheduler: SchedulerView,
    answer: (error: NodeJS.ErrnoException | undefined, records: readonly AddressRecord[]) => void,
  ): () => void;
  /** As TLS on a connection of this network. */
  secure(socket: Duplex, target: TlsTarget): Operation<Duplex>;
}

/** The network of pools that are opened by the running task and its children; null: the platform's. */
export const currentNetwork: Context<Network | null> = createContext<Network | null>(null);
