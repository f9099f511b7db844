/** A closed stdout: what reads it, such as `head`, has ended, and nothing that is written there reaches anybody. */

const watchers = new Set<() => void>();
let isWatching = false;

/**
 * Calls `watcher` when stdout turns out to be closed.
 *
 * The listeners on the two streams stay: an error of the last line that was written comes when the program has ended, and
 * without a listener it would end the process with a stack.
 *
 * @returns what ends that
 */
export function watchOutput(watcher: () => void): () => void {
  watchers.add(watcher);
  if (!isWatching) {
    isWatching = true;
    process.stdout.on('error', (error) => failed(error, true));
    process.stderr.on('error', (error) => failed(error, false));
  }
  return () => void watchers.delete(watcher);
}

/** Whether an error is that of a write to a pipe which nobody reads. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** What comes after the end of all programs only changes the exit code of the process. */
export const CLOSED_OUTPUT_CODE = 141;

function failed(error: Error, isStdout: boolean): void {
  if (!isBrokenPipe(error)) {
    // Without this listener it would have been thrown, unless the program has one of its own.
    if ((isStdout ? process.stdout : process.stderr).listenerCount('error') > 1) return;
    throw error;
  }
  if (!isStdout) return;
  if (watchers.size === 0) process.exitCode ??= CLOSED_OUTPUT_CODE;
  for (const watcher of [...watchers]) watcher();
}
