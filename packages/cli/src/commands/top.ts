import { type Operation, sleep } from '@coloop/core';
import type { TaskView } from '@coloop/core/inspect';
import { attach, stay, type Target } from '../attach/attach.ts';
import { pidIn } from '../attach/check-target.ts';
import { type CopyTrees, readCopies } from '../attach/look-at.ts';
import type { Command, Output } from '../command.ts';
import { takeNumber } from '../options.ts';

const MEASURE = `function () {
  for (const copy of globalThis[Symbol.for('@coloop/core: copies')] ?? []) {
    const end = copy.measure?.();
    if (end !== undefined) this.ends.push(end);
  }
}`;
const SECOND = 1_000;
/** After how long, in ms, we say again that we are still there. */
const PAUSE = 2_000;
/** How many tasks are shown where the height of the terminal is not known. */
const USUAL_ROWS = 24;
const CLEAR = '\x1b[H\x1b[2J';

/** The tasks that run most, again and again. */
export const top: Command = {
  takes: 'PID [--every 1] [--times 5]',
  summary: 'which tasks run, wait and starve, anew every second',
  *run(args, out): Operation<number> {
    const every = takeNumber(args, '--every', 1);
    const times = takeNumber(every.rest, '--times', Number.POSITIVE_INFINITY);
    const pid = pidIn(times.rest);
    yield* attach(pid, (target) => show(target, out, every.value * SECOND, times.value));
    return 0;
  },
};

function* show(target: Target, out: Output, every: number, times: number): Operation<void> {
  yield* target.inspector.call(target.guard, MEASURE);
  const isTerminal = out === process.stdout && process.stdout.isTTY === true;
  for (let time = 0; time < times; time++) {
    for (let left = every; left > 0; left -= PAUSE) {
      yield* sleep(Math.min(left, PAUSE));
      yield* stay(target);
    }
    const text = tableOf(yield* readCopies(target), isTerminal ? (process.stdout.rows ?? USUAL_ROWS) - 2 : USUAL_ROWS);
    out.write(isTerminal ? CLEAR + text : text);
  }
}

/** The tasks that have run and starved most stand first. */
function tableOf(copies: readonly CopyTrees[], rows: number): string {
  const tasks = copies.flatMap(({ trees }) => (trees ?? []).flatMap(allOf)).sort((a, b) => loadOf(b) - loadOf(a));
  const head = `${'RUNS'.padStart(6)} ${'STARVES'.padStart(8)} ${'STEPS'.padStart(8)} ${'SLOWEST'.padStart(9)} ${'WAITS'.padStart(9)}  TASK`;
  const lines = tasks.slice(0, rows).map(rowOf);
  const more = tasks.length > rows ? [`and ${tasks.length - rows} more`] : [];
  return `${[head, ...lines, ...more].join('\n')}\n`;
}

function allOf(tree: readonly TaskView[]): TaskView[] {
  return tree.flatMap((task) => [task, ...allOf(task.children)]);
}

const loadOf = ({ status, figures }: TaskView): number =>
  figures === null ? 0 : share(figures.running + figures.starved, figures.measured) + (status === 'running' ? 1 : 0);

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

function rowOf({ name, status, waitsFor, frames, figures }: TaskView): string {
  const [at] = frames ?? [];
  const place = at === undefined ? '' : `, at ${at.file}:${at.line}:${at.column}`;
  const what = `${name}: ${status}${waitsFor === null ? '' : ` for ${waitsFor}`}${place}`;
  if (figures === null) return `${''.padStart(46)}${what}`;
  const { measured, running, starved, steps, slowest, waiting } = figures;
  const cells = [
    percent(share(running, measured)).padStart(6),
    percent(share(starved, measured)).padStart(8),
    String(steps).padStart(8),
    milliseconds(slowest).padStart(9),
    (waiting === null ? '-' : milliseconds(waiting)).padStart(9),
  ];
  return `${cells.join(' ')}  ${what}`;
}

const percent = (part: number): string => `${(part * 100).toFixed(1)}%`;

const milliseconds = (ms: number): string => `${ms.toFixed(1)} ms`;
