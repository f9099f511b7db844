/**
 * A trace: one line of text that holds a whole run. `v1/17/s3=1/p2.4/c3.5w` is format 1, seed 17, and the decisions that
 * were not plain: another candidate than the first, a task that gave way, a cancel, what
 * became of an event of the host.
 */
import type { Deviations } from './decision.ts';

const FORMAT = 'v1';
const ITEM = /^(?:(s\d+)=(\d+)|(p\d+\.\d+|c\d+\.\d+[wr]|[lf]\d+))$/;

export interface Trace {
  readonly seed: number;
  readonly deviations: Deviations;
}

export function formatTrace({ seed, deviations }: Trace): string {
  const items = [...deviations].map(([key, choice]) => (key.startsWith('s') ? `${key}=${choice}` : key));
  return [FORMAT, seed, ...items].join('/');
}

/** @throws TypeError if `text` is not a trace */
export function parseTrace(text: string): Trace {
  const [format, seedText = '', ...items] = text.split('/');
  const seed = Number(seedText);
  if (format !== FORMAT || seedText === '' || !Number.isFinite(seed)) throw notATrace(text, 'it does not begin as one');
  const deviations = new Map<string, number>();
  for (const item of items) {
    const [, key, choice, single] = ITEM.exec(item) ?? [];
    if (key !== undefined) deviations.set(key, Number(choice));
    else if (single !== undefined) deviations.set(single, 1);
    else throw notATrace(text, `'${item}' is not a decision`);
  }
  return { seed, deviations };
}

function notATrace(text: string, why: string): TypeError {
  return new TypeError(
    `explore cannot replay ${JSON.stringify(text)}: ${why}. Give the \`trace\` of an ExploreError, such as 'v1/17/s3=1'.`,
  );
}
