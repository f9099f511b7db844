/** From a run that fails to the shortest one that fails alike. */
import type { Deviations } from './decision.ts';

/** Runs with these deviations; those that were really taken if it fails alike, else null. */
export type Trial = (deviations: Deviations) => Promise<Deviations | null>;

type Deviation = readonly [key: string, choice: number];

/**
 * Leaves out deviations as long as the run fails alike, whole blocks first (delta debugging; Zeller and Hildebrandt, 2002),
 * then takes smaller choices. What is left cannot be made shorter by leaving out any single one.
 *
 * @param budget how many runs it may take
 */
export async function shrink(found: Deviations, attempt: Trial, budget: number): Promise<Deviations> {
  let best: Deviation[] = [...found];
  let left = budget;
  const improve = async (candidate: Deviation[]): Promise<boolean> => {
    if (left-- <= 0) return false;
    const taken = await attempt(new Map(candidate));
    if (taken === null || !isShorter([...taken], best)) return false;
    best = [...taken];
    return true;
  };
  for (let size = best.length; size >= 1 && left > 0; ) {
    let improved = false;
    for (let at = 0; at < best.length && left > 0; ) {
      if (await improve([...best.slice(0, at), ...best.slice(at + size)])) improved = true;
      else at += size;
    }
    if (!improved || size > best.length)
      size = size === 1 ? 0 : Math.max(1, Math.floor(Math.min(size, best.length) / 2));
  }
  for (let at = 0; at < best.length && left > 0; at++) {
    const [key, choice] = best[at] as Deviation;
    for (let lower = 1; lower < choice && left > 0; lower++) {
      if (await improve(best.map((entry, i) => (i === at ? [key, lower] : entry)))) break;
    }
  }
  return new Map(best);
}

function isShorter(a: readonly Deviation[], b: readonly Deviation[]): boolean {
  return a.length < b.length || (a.length === b.length && sum(a) < sum(b));
}

function sum(entries: readonly Deviation[]): number {
  return entries.reduce((total, [, choice]) => total + choice, 0);
}
