/** What one process measured, per unit of work but for `rss`. */
export interface Sample {
  /** Wall time in ns. */
  readonly wall: number;
  /** CPU time of the process in ns, garbage collection and compilation included. */
  readonly cpu: number;
  /** Bytes of heap that are left, after a collection. */
  readonly heap: number;
  /** The most memory of the whole process, in MB. */
  readonly rss: number;
}

/** The middle one; of an even number the lower middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}
