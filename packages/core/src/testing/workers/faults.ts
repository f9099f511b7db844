import { checkDuration, readOptions, show } from '../../kernel/operation/options.ts';

/** A call, as a fault sees it when the call arrives at its worker. */
export interface WorkerCall {
  readonly name: string;
  readonly args: readonly unknown[];
  /** Which worker of the pool it is, from 0 on. */
  readonly worker: number;
  /** How many calls the pool's workers got before it. */
  readonly number: number;
}

/** Which calls a fault hits: those of a name, a share from 0 to 1 that `random()` draws, or as a function says. */
export type Fault = string | number | ((call: WorkerCall) => boolean);

/** For how many ms: for every call, or as a function says, 0 for not at all. */
export type Delay = number | ((call: WorkerCall) => number);

/** What `testWorkers` takes. */
export interface WorkerFaults {
  /** The worker ends when such a call arrives; the call has not begun. */
  crash?: Fault | undefined;
  /** The worker ends when such a call has ended, before its answer leaves: what the call did stays done. */
  lose?: Fault | undefined;
  /** The answer of a call is on its way for so long, in ms. */
  late?: Delay | undefined;
  /** The worker computes for so long, in ms, when a call arrives: it takes and sends no message, not even a cancel. */
  unresponsive?: Delay | undefined;
}

const OPTIONS = { crash: 'any', lose: 'any', late: 'any', unresponsive: 'any' } as const;

export class Faults {
  readonly #given: WorkerFaults;
  readonly #random: () => number;

  constructor(given: WorkerFaults, random: () => number) {
    this.#given = readOptions('testWorkers', given, OPTIONS);
    this.#random = random;
    for (const name of ['crash', 'lose'] as const) checkFault(name, this.#given[name]);
    for (const name of ['late', 'unresponsive'] as const) checkDelay(name, this.#given[name]);
  }

  crashes(call: WorkerCall): boolean {
    return this.#hits(this.#given.crash, call);
  }

  loses(call: WorkerCall): boolean {
    return this.#hits(this.#given.lose, call);
  }

  lateness(call: WorkerCall): number {
    return msOf('late', this.#given.late, call);
  }

  blockedFor(call: WorkerCall): number {
    return msOf('unresponsive', this.#given.unresponsive, call);
  }

  #hits(fault: Fault | undefined, call: WorkerCall): boolean {
    if (fault === undefined) return false;
    if (typeof fault === 'string') return fault === call.name;
    return typeof fault === 'number' ? this.#random() < fault : fault(call);
  }
}

function msOf(name: string, delay: Delay | undefined, call: WorkerCall): number {
  if (delay === undefined) return 0;
  return typeof delay === 'number' ? delay : checkDuration(`testWorkers: '${name}'`, delay(call));
}

function checkFault(name: string, fault: unknown): void {
  if (fault === undefined || typeof fault === 'string' || typeof fault === 'function') return;
  if (typeof fault === 'number' && fault >= 0 && fault <= 1) return;
  throw new TypeError(
    `testWorkers: the option '${name}' takes the name of an export, a share from 0 to 1, or a function of the call, not ${show(fault)}.`,
  );
}

function checkDelay(name: string, delay: unknown): void {
  if (delay !== undefined && typeof delay !== 'function') checkDuration(`testWorkers: the option '${name}'`, delay);
}
