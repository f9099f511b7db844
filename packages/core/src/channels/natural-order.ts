import { show } from '../kernel/operation/options.ts';

/**
 * The order of a PriorityQueue without a compare function: numbers, bigints, dates and strings ascending, and tuples
 * such as `[priority, item]` by their first elements, then by the next, as far as those have an order at all.
 *
 * @throws TypeError for what has no order, RangeError for NaN
 */
export function naturalOrder(a: unknown, b: unknown): number {
  const order = orderOf(a, b);
  if (order === undefined) throw noOrder(a, b);
  return order;
}

function orderOf(a: unknown, b: unknown): number | undefined {
  if (Array.isArray(a) && Array.isArray(b)) return orderOfTuples(a, b);
  const x = a instanceof Date ? a.getTime() : a;
  const y = b instanceof Date ? b.getTime() : b;
  if (!isScalar(x) || !isScalar(y)) return undefined;
  if (typeof x === 'string' || typeof y === 'string') {
    if (typeof x !== typeof y) return undefined;
  } else if (Number.isNaN(x) || Number.isNaN(y)) {
    throw new RangeError('A PriorityQueue got NaN as a priority, which has no order. Give a number.');
  }
  if (x < y) return -1;
  return x > y ? 1 : 0;
}

function orderOfTuples(a: readonly unknown[], b: readonly unknown[]): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = orderOf(a[i], b[i]);
    // Python compares the payloads of equal priorities and fails where they have no order; here the first one in wins.
    if (order === undefined) return i === 0 ? undefined : 0;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function isScalar(value: unknown): value is number | bigint | string {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string';
}

function noOrder(a: unknown, b: unknown): TypeError {
  const what = a === b ? `${show(a)} has no order` : `${show(a)} and ${show(b)} have no order`;
  return new TypeError(
    `A PriorityQueue cannot sort these items: ${what}. Put \`[priority, item]\`, or give a compare function: \`new PriorityQueue((a, b) => a.due - b.due)\`.`,
  );
}
