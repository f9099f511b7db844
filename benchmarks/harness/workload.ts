/** One way of doing a piece of work `count` times; whatever it needs was loaded before. */
export type Job = (count: number) => Promise<unknown>;

/** A piece of work that several systems do, each in its own best form. */
export interface Workload {
  /** What one unit of the work is, as in "ns per switch". */
  readonly unit: string;
  /** One line: what is measured, and what makes the comparison fair. */
  readonly about: string;
  /** How many units one run does. */
  readonly count: number;
  /** A smaller count for systems that are slower by orders of magnitude. */
  readonly counts?: Readonly<Record<string, number>>;
  /** What is measured: time per unit, or bytes of heap per unit. */
  readonly measure?: 'time' | 'heap';
  /** Loads a system and returns its job. Only the one that is measured is loaded. */
  readonly systems: Readonly<Record<string, () => Promise<Job>>>;
}
