/** What of a worker decides where a call goes. */
export interface Place {
  /** How many calls it runs, or is about to. */
  readonly load: number;
  /** 0 where it answers, 1 while it starts, 2 where it does not answer. */
  readonly rank: number;
  readonly gone: boolean;
}

/**
 * Which of `places` gets the next call: the one with the fewest, the first of equal ones; one that does not answer, or
 * has not started, only where there is no better one. Null where every one has as many as it may.
 */
export function place<P extends Place>(places: readonly P[], most: number): P | null {
  let best: P | null = null;
  for (const each of places) {
    if (each.gone || each.load >= most) continue;
    if (best === null || isBetter(each, best)) best = each;
  }
  return best;
}

function isBetter(a: Place, b: Place): boolean {
  return a.rank === b.rank ? a.load < b.load : a.rank < b.rank;
}
