import { checkDuration, readOptions, show } from '@coloop/core/lowlevel';

/** A delivery, as a fault sees it. */
export interface JobDelivery {
  readonly id: string;
  readonly name: string;
  readonly key: string | null;
  readonly attempt: number;
}

/** Which deliveries a fault hits: of jobs of a name, a share from 0 to 1 that `random()` draws, or as a function says. */
export type JobFault = string | number | ((delivery: JobDelivery) => boolean);

/** What goes wrong in a test: `memoryEngine({ faults })`. */
export interface JobFaults {
  /** The job is delivered to a second worker while the first one has it. */
  twice?: JobFault | undefined;
  /** The worker is lost before the job begins. */
  crash?: JobFault | undefined;
  /** The worker is lost when the job has ended, before that is known: what it did stays done. */
  lose?: JobFault | undefined;
  /** Jobs arrive at most so many ms late, by chance. */
  late?: number | undefined;
  /** Jobs are delivered in an order of chance. */
  reorder?: boolean | undefined;
}

const OPTIONS = { twice: 'any', crash: 'any', lose: 'any', late: 'duration', reorder: 'boolean' } as const;

export class Faults {
  readonly #given: JobFaults;

  constructor(given: JobFaults) {
    this.#given = readOptions('memoryEngine: faults', given, OPTIONS);
    for (const name of ['twice', 'crash', 'lose'] as const) checkFault(name, this.#given[name]);
    checkDuration("memoryEngine: faults: the option 'late'", this.#given.late ?? 0);
  }

  get reorder(): boolean {
    return this.#given.reorder === true;
  }

  get late(): number {
    return this.#given.late ?? 0;
  }

  /** @param random draws from the scheduler, so that the seed of a test decides */
  hits(name: 'twice' | 'crash' | 'lose', delivery: JobDelivery, random: () => number): boolean {
    const fault = this.#given[name];
    if (fault === undefined) return false;
    if (typeof fault === 'string') return fault === delivery.name;
    return typeof fault === 'number' ? random() < fault : fault(delivery);
  }
}

function checkFault(name: string, fault: unknown): void {
  if (fault === undefined || typeof fault === 'string' || typeof fault === 'function') return;
  if (typeof fault === 'number' && fault >= 0 && fault <= 1) return;
  throw new TypeError(
    `memoryEngine: faults: the option '${name}' takes the name of an export, a share from 0 to 1, or a function of the delivery, not ${show(fault)}.`,
  );
}
