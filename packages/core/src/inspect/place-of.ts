import type { FrameView } from './frames.ts';
import type { TaskView } from './task-view.ts';

/** Where the operation was made that a task waits for; without debug the innermost line, which is most often the same. */
export function placeOf({ line, frames }: TaskView): string | null {
  const [innermost] = frames ?? [];
  return line ?? (innermost === undefined ? null : textOf(innermost));
}

export function textOf({ file, line, column }: FrameView): string {
  return `${file}:${line}:${column}`;
}
