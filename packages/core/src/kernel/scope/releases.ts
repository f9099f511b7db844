/**
 * What is released at the end of a scope, last first, one after the other. The kernel knows only that there may be
 * something to run then: this file comes with the words that acquire.
 */
import { suppressedError } from '../../errors.ts';
import type { Operation, Suspension } from '../operation/suspension.ts';
import { CleanupShield } from './cleanup-shield.ts';
import { CLEANUP, CLOSED, type Cleanup, type Ending, type Release, type Releases, type Scope } from './scope.ts';

/**
 * The entries in the order in which they were registered. One that is taken out leaves a hole, which is closed when half of
 * the list is holes: so taking out costs the same wherever the entry stands. The array keeps the length that it had: what a
 * loop acquires and releases by turns, such as a lock, allocates nothing here.
 */
class ReleaseList implements Releases {
  readonly #entries: (Release | null)[] = [];
  running: Release | null = null;
  /** Where the next one goes; there is never a hole in front of it. */
  #end = 0;
  #holes = 0;

  /** Those that are registered, oldest first. */
  get entries(): Release[] {
    return this.#entries.slice(0, this.#end).filter((entry) => entry !== null);
  }

  get last(): Release | null {
    return this.#end === 0 ? null : (this.#entries[this.#end - 1] as Release);
  }

  add(release: Release): void {
    const { last } = this;
    if (last?.spent === true) this.remove(last);
    release.at = this.#end;
    this.#entries[this.#end++] = release;
  }

  remove(release: Release): void {
    const entries = this.#entries;
    const at = release.at ?? -1;
    if (at < 0 || entries[at] !== release) return;
    release.at = -1;
    entries[at] = null;
    if (at < this.#end - 1) this.#holes++;
    else this.#end--;
    if (this.#holes > 0) this.#closeHoles();
  }

  takeAll(): Release[] {
    const all = this.entries;
    this.#entries.length = 0;
    this.#end = 0;
    this.#holes = 0;
    return all;
  }

  #closeHoles(): void {
    const entries = this.#entries;
    while (this.#end > 0 && entries[this.#end - 1] === null) {
      this.#end--;
      this.#holes--;
    }
    if (this.#holes > this.#end / 2) for (const release of this.takeAll()) this.add(release);
  }

  *run(scope: Scope, end: Ending): Generator<Suspension, boolean> {
    if (this.#end === 0 || (scope.keepsReleases && !end.failed)) return false;
    scope.phase = CLEANUP;
    const shield = new CleanupShield();
    let waited = false;
    scope.runner.enter(shield);
    for (let entry = this.last; entry !== null; entry = this.last) {
      this.remove(entry);
      this.running = entry;
      try {
        const operation: Operation<void> | void = entry.run();
        if (operation === undefined) continue;
        waited = true;
        yield* operation;
      } catch (error) {
        end.outcome = end.failed ? suppressedError(error, end.outcome) : error;
        end.failed = true;
      }
    }
    this.running = null;
    scope.runner.leave(shield);
    return waited;
  }
}

function releasesOf(scope: Scope, what: string): Releases {
  const nursery = scope.open(what, CLOSED);
  nursery.releases ??= new ReleaseList();
  return nursery.releases;
}

/** Registers `run` for the end of `owner`. */
export function addRelease(owner: Scope, run: Cleanup): Release {
  const release = { run, owner, at: -1 };
  keepRelease(release);
  return release;
}

/** Registers an entry that knows more than a function does. */
export function keepRelease(release: Release): void {
  releasesOf(release.owner, 'A cleanup was to be registered').add(release);
}

/** Takes an entry, if there is one, out: there is nothing left to release. */
export function removeRelease(release: Release | null): void {
  if (release !== null) release.owner.nursery?.releases?.remove(release);
}

/** Hands all that `from` has acquired over to `owner`; it is released with that scope. */
export function adoptReleases(owner: Scope, from: Scope): void {
  const adopted = from.nursery?.releases?.takeAll() ?? [];
  if (adopted.length === 0) return;
  const releases = releasesOf(owner, 'A resource was to be moved');
  for (const release of adopted) {
    release.owner = owner;
    releases.add(release);
  }
}

/** Hands all that the branch `from` has acquired on to the caller: what has no scope of its own, such as a grant, to its task. */
export function passReleases(owner: Scope, from: Scope): void {
  const adopted = from.nursery?.releases?.takeAll() ?? [];
  for (const release of adopted) {
    if (release.passTo !== undefined) release.passTo(owner.runner);
    else {
      // Before its owner is named: one that has failed meanwhile fails the owner at that moment.
      const releases = releasesOf(owner, 'A resource was to be moved');
      release.owner = owner;
      releases.add(release);
    }
  }
}
