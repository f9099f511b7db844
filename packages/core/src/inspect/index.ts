/** The door `@coloop/core/inspect`: what is running, and what it waits for. */

export { formatTree } from './format-tree.ts';
export { type TaskView, taskTree } from './tree.ts';
