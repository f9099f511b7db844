/** The long texts: messages stay short and name a code, the text behind it is here. */

const TEXTS = {
  CancelledError: `A task was asked to end, and this was thrown at its wait.
In the task itself it is control flow: let it through, and clean up in \`finally\`, \`defer\` or \`resource\`.
Caught from a join (\`yield* task\`) or a promise it is an ordinary failure: the other task was cancelled, not this one.
\`requestedBy\`, \`reason\` and \`through\` say who asked, why, and which scopes passed it on.`,
  TimeoutError: `A deadline of \`timeout\` passed, and everything inside was cancelled and cleaned up before this was thrown.
\`moveOnAfter\` returns instead of throwing. Deadlines cover what runs inside, not tasks that were spawned into an outer scope.`,
  CleanupTimeoutError: `A task was cancelled, and a wait in its cleanup did not end. After each grace (\`cleanupGrace\`, 5 s by default)
the cancel was thrown again; after the third time the task was abandoned: it never runs again, and its scope fails with this.
Give cleanups a limit of their own (\`timeout(1000, op)\`), or more time with \`shield(op, { timeout })\`.`,
  DeadlockError: `Under virtual time nothing was runnable, no timer was set and nothing could come from the host, so the run would never end.
The message has every task with what it waits for. Where they wait for each other in a circle, one of them has to take
what it needs in another order, or release it before it waits. Where one waits for an event, look for the task that was to cause it:
an operation without \`yield*\` is listed as never started.`,
  ExploreError: `\`explore\` found an order of events, or a moment of a cancel, in which the program fails.
The message has the shortest interleaving that was found, step by step; \`explore(program, { replay: error.trace })\` runs exactly
that one again, as often as you like, also in a debugger. \`cause\` is the error of the program.`,
  NotInTaskError: `A word that needs a running task was used outside of one: in a callback, after an \`await\`, or at the top level.
Enter the runtime with \`run(function* () { … })\`, from promise code with \`scope.run(…)\` or \`asAsync(fn)\`.`,
  GroupClosedError: `A task was to be spawned into a scope that takes no more: it has ended, is ending, or was closed.
Spawn while its body or its children run, or into a scope that lives longer.`,
  TaskGroupError: `One or more tasks of a scope have failed; the others were cancelled and cleaned up before this was thrown.
\`group\` wraps all that fails in it, also when only its body has failed: a \`catch\` around it tests for \`TaskGroupError\`, and not for the
error inside. \`errors\` has every failure once, \`cause\` the first; \`error.split(TypeError)\` gives those of one class, and the others. To handle failures one by one, spawn under \`supervise\`, or spawn \`attempt(op)\`.`,
  swallowed: `A task, or a part with a deadline, caught the cancel that was meant for it and went on to a normal end.
A \`catch\` that catches everything does that: rethrow with \`if (isCancelled(error)) throw error\`, or use \`attempt(op)\`, which never
captures one's own cancel.`,
  suppressed: `While a cancel or deadline was on its way through a task, a \`finally\` or \`catch\` threw another error, which took its place,
as in any JavaScript. Cleanups that the runtime runs (\`defer\`, \`resource\`) keep both errors.`,
  lingering: `The body of a scope has ended, but children that it spawned have kept it open for 5 s. If they are to end with it, spawn them
with \`{ daemon: true }\`, or cancel them.`,
  'slow-step': `One step of a task held the thread for more than 50 ms: nothing else could run. Give way in long loops with \`yield* tick()\`,
or move the work into a worker.`,
  'cleanup-timeout': `A cleanup has waited longer than its grace after a cancel, so the cancel was thrown again (see CleanupTimeoutError).`,
  unhandled: `A task failed and nobody was there to receive the failure: no scope that fails with it, no promise, no join.
Without a listener for this event the error goes to the host as an unhandled rejection.`,
} as const;

/** A code that `explain` knows: the name of an error, or of an event of a scheduler. */
export type Code = keyof typeof TEXTS;

/** All codes that `explain` knows. */
export const codes: readonly Code[] = Object.keys(TEXTS) as Code[];

/**
 * The long explanation behind an error or an event: what it means, and what to do.
 *
 * @param what an error, its name, or the name of an event of `scheduler.events`
 * @returns the text, or undefined where there is none
 * @example
 * ```ts
 * import { explain } from '@coloop/core/inspect';
 *
 * console.log(explain('lingering')?.slice(0, 32)); //> The body of a scope has ended, b
 * ```
 */
export function explain(what: Code | Error | (string & Record<never, never>)): string | undefined {
  const code = what instanceof Error ? what.name : what;
  return Object.hasOwn(TEXTS, code) ? TEXTS[code as Code] : undefined;
}
