/** A logarithmic axis: where a value lies between `from` and `to`, which belong to the smallest and the largest. */
export interface Axis {
  readonly place: (value: number) => number;
  /** The powers of ten on it. */
  readonly powers: readonly number[];
}

/** An axis from the power of ten below the smallest value to that above the largest one. */
export function wholePowers(values: readonly number[], from: number, to: number): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return axis(low, high, from, to);
}

/** An axis that ends at the values themselves. */
export function tight(values: readonly number[], from: number, to: number): Axis {
  return axis(Math.log10(Math.min(...values)), Math.log10(Math.max(...values)), from, to);
}

function axis(low: number, high: number, from: number, to: number): Axis {
  const first = Math.ceil(low);
  return {
    place: (value) => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from),
    powers: Array.from({ length: Math.floor(high) - first + 1 }, (_, i) => 10 ** (first + i)),
  };
}

/** A power of ten as people write it. */
export const formatPower = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 9 });
