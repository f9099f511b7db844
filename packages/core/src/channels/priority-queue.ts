import { checkFunction } from '../kernel/operation/options.ts';
import { type Compare, Heap } from './heap.ts';
import { naturalOrder } from './natural-order.ts';
import { Queue } from './queue.ts';

/**
 * A queue that gives back the smallest item; equal ones come out in the order in which they were put.
 *
 * Without a compare function it sorts numbers, bigints, dates and strings, and tuples such as `[priority, item]` by
 * their first elements; equal priorities never fail on items that have no order.
 *
 * Cancellation: as `Queue`.
 *
 * @example
 * ```ts
 * import { PriorityQueue } from '@coloop/core';
 *
 * const jobs = new PriorityQueue<[priority: number, name: string]>();
 * jobs.putNowait([2, 'sweep']);
 * jobs.putNowait([1, 'put out the fire']);
 * console.log(jobs.getNowait()); //> [ 1, 'put out the fire' ]
 *
 * const shortestFirst = new PriorityQueue<string>((a, b) => a.length - b.length);
 * shortestFirst.putNowait('long word');
 * shortestFirst.putNowait('word');
 * console.log(shortestFirst.getNowait()); //> word
 * ```
 * Source: `asyncio.PriorityQueue`; the order of equal items is kept here.
 */
export class PriorityQueue<T> extends Queue<T> {
  /**
   * @param compare negative when its first argument comes out first
   * @param maxsize how many items it holds before `put` waits; 0 and Infinity for no limit
   * @throws TypeError from `put`, which then has put nothing, for items that have no order.
   */
  constructor(compare?: Compare<T>, maxsize?: number);
  /** @param maxsize how many items it holds before `put` waits; the items have a natural order */
  constructor(maxsize: number);
  constructor(compareOrMaxsize: Compare<T> | number = naturalOrder, maxsize?: number) {
    const compare = typeof compareOrMaxsize === 'number' ? naturalOrder : compareOrMaxsize;
    checkFunction('new PriorityQueue: compare', compare);
    super(typeof compareOrMaxsize === 'number' ? compareOrMaxsize : maxsize, new Heap<T>(compare));
  }
}
