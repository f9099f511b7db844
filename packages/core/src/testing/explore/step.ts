/** What happened in a run, step by step. */
export type Step =
  | {
      readonly kind: 'run';
      readonly task: number;
      readonly name: string;
      /** What it had waited for; null when it began here. */
      readonly from: string | null;
      /** What it waits for now, or how it ended. */
      to: string;
      readonly time: number;
      /** Whether the plain scheduler would have done something else here. */
      readonly deviates: boolean;
    }
  | { readonly kind: 'timer'; readonly label: string; readonly time: number; readonly deviates: boolean }
  | {
      readonly kind: 'cancel';
      readonly task: number;
      readonly name: string;
      readonly at: string;
      readonly time: number;
    }
  | { readonly kind: 'fate'; readonly label: string; readonly fate: string; readonly time: number }
  | { readonly kind: 'host'; readonly task: number; readonly name: string; readonly time: number };

/** Whether two steps are the same; where a run differs from its replay, they are not. */
export function sameStep(a: Step | undefined, b: Step | undefined): boolean {
  return a !== undefined && b !== undefined && describeStep(a) === describeStep(b) && a.time === b.time;
}

/** One step as a line. */
export function describeStep(step: Step, name: (task: number, name: string) => string = numbered): string {
  if (step.kind === 'timer') return `timer: ${step.label}`;
  if (step.kind === 'fate') return step.fate === 'late' ? `${step.label} comes late` : `${step.label} is made to fail`;
  const who = name(step.task, step.name);
  if (step.kind === 'cancel') return `cancel ${who} here, ${step.at}`;
  if (step.kind === 'host') return `the host wakes ${who}`;
  return `${who}: ${step.from ?? 'begins'} -> ${step.to}`;
}

function numbered(task: number, name: string): string {
  return `${name}#${task}`;
}
