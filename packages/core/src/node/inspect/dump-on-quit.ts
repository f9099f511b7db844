/** What `main` does on SIGQUIT: it prints what every task waits for, and the program goes on. */
import { formatTrees } from '../../inspect/format-trees.ts';
import { Inspection, type TaskRecord } from '../../inspect/inspection.ts';
import { treesOf } from '../../inspect/trees-of.ts';

/** How long the program stands still at once, in ms. */
const SLICE = 10;

/** Prints a dump at each SIGQUIT that `isOurs`; what is returned ends that. */
export function dumpOnQuit(isOurs: () => boolean): () => void {
  const dump = (): void => {
    if (isOurs()) print(new Inspection(), []);
  };
  // Windows has no such signal, and lets nobody listen for it.
  if (process.platform === 'win32') return () => {};
  process.on('SIGQUIT', dump);
  return () => void process.off('SIGQUIT', dump);
}

/** Looks at some tasks, and goes on after the program had its turn. */
function print(look: Inspection, found: TaskRecord[]): void {
  const some = look.next(SLICE);
  if (some === null) {
    process.stderr.write(formatTrees(treesOf(found)));
    return;
  }
  for (const each of some) found.push(each);
  setImmediate(print, look, found);
}
