import type { Served } from '../engine.ts';
import { QueueMismatchError } from '../errors.ts';

/** Throws where a worker serves another module than the others of its queue: by the names of the exports, and the version. */
export function refuseOtherModule(queue: string, known: Served, other: Served): void {
  const names = (served: Served): string[] => Object.keys(served.exports).sort();
  const missing = names(known).filter((name) => !Object.hasOwn(other.exports, name));
  const added = names(other).filter((name) => !Object.hasOwn(known.exports, name));
  if (missing.length === 0 && added.length === 0 && known.version === other.version) return;
  const parts = [
    missing.length > 0 ? `it lacks ${missing.join(', ')}` : '',
    added.length > 0 ? `it adds ${added.join(', ')}` : '',
    known.version === other.version
      ? ''
      : `its version is ${other.version ?? 'not given'}, not ${known.version ?? 'without one'}`,
  ].filter((part) => part !== '');
  throw new QueueMismatchError(
    `The queue ${queue} serves another module than this worker: ${parts.join('; ')}. Give each module a queue of its own, or end the old workers first.`,
  );
}
