/**
 * What is released at the end of a scope, last first, one after the other. The kernel knows only that there may be
 * something to run then: this file comes with the words that acquire.
 */
import { suppressedError } from '../../errors.ts';
import type { Operation, Suspension } from '../operation/suspension.ts';
import type { CancelScope } from './cancel.ts';
import { CLEANUP, CLOSED, type Cleanup, type Ending, type Release, type Releases, type Scope } from './scope.ts';

/** Keeps cancels away from a cleanup; only the escalation after the grace gets through. */
class CleanupShield implements CancelScope {
  outer: CancelScope | null = null;
  request = null;
  thrown = null;
  deliveries = 0;
  shielded = true;
  cleanup = true;
}

class ReleaseList implements Releases {
  readonly entries: Release[] = [];

  *run(scope: Scope, end: Ending): Generator<Suspension, void> {
    const { entries } = this;
    if (entries.length === 0 || (scope.keepsReleases && !end.failed)) return;
    scope.phase = CLEANUP;
    const shield = new CleanupShield();
    scope.runner.enter(shield);
    for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
      try {
        const operation: Operation<void> | void = entry.run();
        if (operation !== undefined) yield* operation;
      } catch (error) {
        end.outcome = end.failed ? suppressedError(error, end.outcome) : error;
        end.failed = true;
      }
    }
    scope.runner.leave(shield);
  }
}

function entriesOf(scope: Scope, what: string): Release[] {
  const nursery = scope.open(what, CLOSED);
  nursery.releases ??= new ReleaseList();
  return nursery.releases.entries;
}

/** Registers `run` for the end of `owner`. */
export function addRelease(owner: Scope, run: Cleanup): Release {
  const release = { run, owner };
  keepRelease(release);
  return release;
}

/** Registers an entry that knows more than a function does. */
export function keepRelease(release: Release): void {
  entriesOf(release.owner, 'A cleanup was to be registered').push(release);
}

/** Takes an entry, if there is one, out: there is nothing left to release. */
export function removeRelease(release: Release | null): void {
  const entries = release?.owner.nursery?.releases?.entries;
  const at = entries?.lastIndexOf(release as Release) ?? -1;
  if (at >= 0) entries?.splice(at, 1);
}

/** Hands all that `from` has acquired over to `owner`; it is released with that scope. */
export function adoptReleases(owner: Scope, from: Scope): void {
  const adopted = from.nursery?.releases?.entries;
  if (adopted === undefined || adopted.length === 0) return;
  const entries = entriesOf(owner, 'A resource was to be moved');
  for (const release of adopted) {
    release.owner = owner;
    entries.push(release);
  }
  adopted.length = 0;
}
