/** What one process measured, per unit of work but for `rss` and `late`. */
export interface Sample {
  /** Wall time in ns. */
  readonly wall: number;
  /** CPU time of the process in ns, garbage collection and compilation included. */
  readonly cpu: number;
  /** Bytes of heap that are left, after a collection. */
  readonly heap: number;
  /** The most memory of the whole process, in MB; 0 where nobody looked. */
  readonly rss: number;
  /** How late each wait ended, in ms, where that is what counts: one figure per `PERCENTILES`. */
  readonly late?: readonly number[];
}

/** The percentiles that `late` holds. */
export const PERCENTILES: readonly number[] = [50, 75, 90, 95, 99, 99.9, 100];

/** The middle one; of an even number the lower middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

/** The values below which so many percent of `values` are. */
export function percentilesOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return PERCENTILES.map((percent) => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN);
}
