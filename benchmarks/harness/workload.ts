/** One way of doing a piece of work `count` times; whatever it needs was loaded before. */
export type Job = (count: number) => Promise<unknown>;

/** A system that is a program of its own: another language, another tool. */
export interface Program {
  /** Why it cannot be measured on this machine, or null. */
  missing(): string | null;
  /** The command that does `count` units of the workload `name` and prints one sample as JSON, or nothing. */
  command(name: string, count: number): readonly string[];
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
  /** How many units a job does when it is asked for `count`; `count` itself by default. */
  readonly units?: (count: number) => number;
  /** Loads a system and returns its job. Only the one that is measured is loaded. */
  readonly systems: Readonly<Record<string, () => Promise<Job>>>;
  readonly programs?: Readonly<Record<string, Program>>;
}
