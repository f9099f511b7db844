/** The door `@coloop/core/inspect`: what is running and what it waits for, and the long texts behind errors and events. */

export type { Held, NeverStarted } from '../kernel/report/debug.ts';
export { heldThings, neverStarted } from './debug-lists.ts';
export { type Code, codes, explain } from './explain.ts';
export type { TaskFigures } from './figures.ts';
export { findCycle, formatCycle } from './find-cycle.ts';
export { formatTree } from './format-tree.ts';
export { formatTrees } from './format-trees.ts';
export type { FrameView } from './frames.ts';
export type { TaskRecord } from './inspection.ts';
export {
  type ChromeTrace,
  type RecordTraceOptions,
  recordTrace,
  type TraceEvent,
  type TraceRecording,
} from './record-trace.ts';
export type { TaskView } from './task-view.ts';
export { taskTree } from './tree.ts';
export { treesOf } from './trees-of.ts';
export { type WaitEdge, type WaitGraph, waitGraph } from './wait-graph.ts';
