/**
 * The copies of this library on one thread. Two of them cannot work together: each has its own running task, and its own
 * classes. So each tells the others, under a registered symbol, whether one of its tasks is running: a word of one copy
 * that is used inside a task of the other can then say so, in place of "outside of a task".
 *
 * Where the pictures of its tasks are loaded, a copy gives them here, too: this is what another process finds, which asks
 * this one what it is doing.
 */

interface LibraryCopy {
  /** Where it was loaded from. */
  readonly from: string;
  isRunning(): boolean;
  /** Begins a look at every task, part by part; undefined where the pictures are not loaded, as in a page. */
  readonly inspect: (() => unknown) | undefined;
  /** Begins to measure every task; what is returned ends that. */
  readonly measure: (() => () => void) | undefined;
  /** Begins to record what happens. */
  readonly record: (() => unknown) | undefined;
}

/** What a copy gives to another process. */
export type Inspections = Required<Pick<LibraryCopy, 'inspect' | 'measure' | 'record'>>;

const COPIES = Symbol.for('@coloop/core: copies');

/** Marks the suspensions of every copy. */
export const SUSPENSION: unique symbol = Symbol.for('@coloop/core: suspension') as never;

/** Where the platform lets nothing be hung up for others, this copy knows only of itself. */
const own: LibraryCopy[] = [];

function copies(): LibraryCopy[] {
  const holder = globalThis as { [COPIES]?: LibraryCopy[] };
  if (holder[COPIES] === undefined && Object.isExtensible(holder)) {
    Object.defineProperty(holder, COPIES, { value: own });
  }
  return holder[COPIES] ?? own;
}

let inspections: Inspections | undefined;

/** What another process gets that asks this copy for its tasks. */
export function offerInspections(offered: Inspections): void {
  inspections = offered;
}

/** Makes this copy known; called with the same function again, it changes nothing. */
export function announceCopy(isRunning: () => boolean): void {
  const all = copies();
  if (all.some((copy) => copy.isRunning === isRunning)) return;
  all.push({
    from: import.meta.url ?? 'a bundle',
    isRunning,
    get inspect() {
      return inspections?.inspect;
    },
    get measure() {
      return inspections?.measure;
    },
    get record() {
      return inspections?.record;
    },
  });
}

/** What to tell a caller that used `what` of this copy inside a task of another one; null where no other copy runs a task. */
export function explainTwoCopies(what: string): string | null {
  const other = copies().find((copy) => copy.isRunning());
  if (other === undefined) return null;
  return (
    `${what} belongs to a second copy of @coloop/core: the task that runs here is of another one. Keep one: ` +
    `\`npm ls @coloop/core\` shows who brings them.\n  the task's copy: ${other.from}\n  this copy: ${import.meta.url ?? 'a bundle'}`
  );
}
