/** Does so many units of a piece of work; whatever they need was made before. */
export type Job = (units: number) => Promise<unknown>;

/**
 * Loads a system and returns its job. In a series `size` says what has to be there first, as so many pending timers are;
 * elsewhere it is the number of units.
 */
export type Load = (size: number) => Promise<Job>;

/** A system that is a program of its own: another language, another tool. */
export interface Program {
  /** Why it cannot be measured on this machine, or null. */
  missing(): string | null;
  /** Builds what has to be built into `folder`, which is there as long as the run. */
  prepare?(folder: string): void;
  /** The command that does `units` of the workload `name` and prints one sample as JSON, or nothing. */
  command(name: string, units: number, size: number): readonly string[];
}

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
  /** What counts: wall time per unit (the default), CPU time per unit, bytes of heap per unit, or lateness. */
  readonly measure?: 'wall' | 'cpu' | 'heap' | 'late';
  /** The system that is 1 in the ratios; 'native' by default. */
  readonly baseline?: string;
  /** Figures are shown as so many of these per CPU-second; more is better then. */
  readonly rate?: { readonly unit: string; readonly each: number };
  /** False where a small run first would only cost time. */
  readonly warm?: boolean;
  /** Loads a system. Only the one that is measured is loaded. */
  readonly systems: Readonly<Record<string, Load>>;
  readonly programs?: Readonly<Record<string, Program>>;
}
