/** The measured gain: the same pages one after the other, and then together. */
import { attempt, gather, moveOnAfter, now, type Operation } from '@coloop/core';
import { ClientError, type Session } from '@coloop/http';
import type { Sample, Visit } from '../report/findings.ts';
import { slowFrom } from '../report/timeline.ts';

const MOST = 40;
/** Fewer pages than this measure nothing. */
const LEAST = 8;
/** Nobody waits longer than this for a figure, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Asks again for up to 40 typical pages in both ways.
 *
 * @param visits what the run has seen; failures and slow pages are left out, as one of them would outweigh the rest
 * Returns `undefined` where there are too few pages, or one of them failed this time, or it took too long.
 */
export function* measureGain(
  session: Session,
  visits: readonly Visit[],
  concurrency: number,
): Operation<Sample | undefined> {
  const addresses = pickSample(visits);
  if (addresses.length < LEAST || concurrency === 1) return undefined;
  const measured = yield* attempt(moveOnAfter(PATIENCE, measure(session, addresses, concurrency)));
  if (measured.ok) return measured.value.value;
  if (measured.error instanceof ClientError) return undefined;
  throw measured.error;
}

function* measure(session: Session, addresses: readonly string[], concurrency: number): Operation<Sample> {
  const start = now();
  for (const address of addresses) yield* fetchPage(session, address);
  const middle = now();
  yield* gather(
    addresses.map((address) => fetchPage(session, address)),
    { concurrency },
  );
  return { requests: addresses.length, oneByOne: middle - start, together: now() - middle };
}

function* fetchPage(session: Session, address: string): Operation<void> {
  using response = yield* session.get(address);
  yield* response.bytes();
}

/** Evenly spread over the run. */
export function pickSample(visits: readonly Visit[]): string[] {
  const slow = slowFrom(visits);
  const typical = visits.filter(
    (visit) => visit.kind === 'page' && visit.problem === undefined && visit.endedAt - visit.startedAt < slow,
  );
  const step = Math.max(1, typical.length / MOST);
  const picked: string[] = [];
  for (let index = 0; index < typical.length && picked.length < MOST; index += step) {
    const visit = typical[Math.floor(index)];
    if (visit !== undefined) picked.push(visit.url);
  }
  return picked;
}
