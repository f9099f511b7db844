/** How many frames the platform keeps of a stack: its one switch, which is set for a moment and set back. */

/** The platform's `Error`, with what V8, and JavaScriptCore after it, have beyond the standard. */
export const STACKS = Error as {
  stackTraceLimit?: number;
  /** Leaves the frames above `below` out. */
  captureStackTrace?(target: object, below: unknown): void;
};

/** Sets the limit; where the intrinsics are frozen it stays as it is. */
export function setStackLimit(frames: number | undefined): void {
  try {
    STACKS.stackTraceLimit = frames as number;
  } catch {
    // Then a stack has as many frames as the host has decided.
  }
}
