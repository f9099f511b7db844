import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Carrier, CarrierEvents, Loss } from '../../workers/carrier.ts';
import type { Order, Report } from '../../workers/protocol.ts';
import type { BootData } from './boot-data.ts';
import { inheritedFlags } from './inherited-flags.ts';
import type { ThreadOptions } from './thread-carrier.ts';

const MEBIBYTE = 2 ** 20;
/** A child process of Node, with its channel and the serialization that threads have, too. */
export class ProcessCarrier implements Carrier {
  readonly #child: ChildProcess;
  readonly #memory: number | undefined;

  constructor(file: URL, boot: BootData, { memory, env = process.env }: ThreadOptions, events: CarrierEvents) {
    this.#memory = memory;
    const child = fork(fileURLToPath(file), [], {
      serialization: 'advanced',
      env: { ...env, COLOOP_WORKER: JSON.stringify(boot) },
      execArgv: [
        ...inheritedFlags(process.execArgv),
        ...(memory === undefined ? [] : [`--max-old-space-size=${Math.ceil(memory / MEBIBYTE)}`]),
      ],
    });
    this.#child = child;
    child.on('message', (reports) => events.received(reports as readonly Report[]));
    child.on('error', (cause) => {
      if (child.pid === undefined) events.lost({ reason: 'crash', exitCode: null, how: 'before it started', cause });
    });
    child.on('exit', (code, signal) => events.lost(this.#lossOf(code, signal)));
  }

  post(orders: readonly Order[]): void {
    // That the other end is gone is told by its exit.
    if (!this.#child.connected) return;
    // Deno sends what cannot be cloned, and the other end fails.
    if ('deno' in process.versions) structuredClone(orders);
    this.#child.send(orders as never, () => {});
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  running(): null {
    return null;
  }

  #lossOf(exitCode: number | null, signal: NodeJS.Signals | null): Loss {
    if (signal === null) return { reason: 'exit', exitCode, how: `with code ${exitCode}` };
    // V8 aborts where its heap cannot grow any more.
    const reason = signal === 'SIGABRT' && this.#memory !== undefined ? 'memory' : 'crash';
    return { reason, exitCode, how: reason === 'memory' ? 'at its memory limit' : `by the signal ${signal}` };
  }
}
