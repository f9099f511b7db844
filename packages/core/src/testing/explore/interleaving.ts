/** A run as text that can be read: what ran, what it waited for before and after, and where the run left the plain order. */
import { describeStep, type Step } from './step.ts';

/** More lines than these are shortened in the middle, around no deviation. */
const MOST_LINES = 80;

export function formatInterleaving(steps: readonly Step[]): string {
  const name = namesOf(steps);
  const lines: { text: string; deviates: boolean }[] = [];
  let time = 0;
  for (const step of steps) {
    if (step.time !== time) lines.push({ text: `  -- ${step.time} ms --`, deviates: false });
    time = step.time;
    const deviates = 'deviates' in step ? step.deviates || isPreempted(step) : step.kind !== 'host';
    lines.push({ text: `${deviates ? '*' : ' '} ${describeStep(step, name)}`, deviates });
  }
  return shorten(lines).join('\n');
}

function isPreempted(step: Step): boolean {
  return step.kind === 'run' && step.to.startsWith('gives way');
}

/** Tasks of one name are told apart by their numbers. */
function namesOf(steps: readonly Step[]): (task: number, name: string) => string {
  const owners = new Map<string, Set<number>>();
  for (const step of steps) {
    if (!('task' in step)) continue;
    const ids = owners.get(step.name) ?? new Set();
    owners.set(step.name, ids.add(step.task));
  }
  return (task, name) => ((owners.get(name)?.size ?? 0) > 1 ? `${name}#${task}` : name);
}

/** Keeps the begin, the end and what is near a deviation. */
function shorten(lines: readonly { text: string; deviates: boolean }[]): string[] {
  if (lines.length <= MOST_LINES) return lines.map(({ text }) => text);
  const near = 4;
  const kept = lines.map((_, i) => {
    if (i < 10 || i >= lines.length - 20) return true;
    return lines.slice(Math.max(0, i - near), i + near + 1).some(({ deviates }) => deviates);
  });
  const shown: string[] = [];
  let left = MOST_LINES;
  let gap = 0;
  const closeGap = (): void => {
    if (gap > 0) shown.push(`  … ${gap} more steps …`);
    gap = 0;
  };
  lines.forEach(({ text }, i) => {
    if (kept[i] && (left > 20 || i >= lines.length - 20)) {
      closeGap();
      shown.push(text);
      left--;
    } else gap++;
  });
  closeGap();
  return shown;
}
