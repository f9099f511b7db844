/** The picture of a run: every request as a bar, one row for each place at which a request can be. */

import { type Markup, markup } from '../../shared/markup.ts';
import type { Visit } from './findings.ts';
import { bytes, duration, plural } from './format.ts';

/** How a bar is drawn. */
export type Outcome = 'fine' | 'redirected' | 'slow' | 'broken';

export interface TimelineOptions {
  readonly elapsed: number;
  /** Shortens an address for a label. */
  readonly address: (url: string) => string;
}

const WIDTH = 1200;
const LANE = 13;
const BAR = 10;
const LOAD = 54;
const AXIS = 26;
/** More bars than this cannot be told apart, and make the file heavy. */
const MAX_BARS = 5000;
const LOAD_STEPS = 300;

/** Puts each visit into the first row that is free when it starts; `visits` in the order of their starts. */
export function assignLanes(visits: readonly Visit[]): number[] {
  const freeAt: number[] = [];
  return visits.map((visit) => {
    const free = freeAt.findIndex((time) => time <= visit.startedAt);
    const lane = free === -1 ? freeAt.length : free;
    freeAt[lane] = visit.endedAt;
    return lane;
  });
}

/** What takes this long is shown as slow: far more than usual, and long enough for a person to notice. */
export function slowFrom(visits: readonly Visit[]): number {
  const took = visits.map((visit) => visit.endedAt - visit.startedAt).sort((a, b) => a - b);
  return Math.max(500, 4 * (took[Math.floor(took.length / 2)] ?? 0));
}

export function outcomeOf(visit: Visit, slow: number): Outcome {
  if (visit.problem !== undefined) return 'broken';
  if (visit.redirects > 0) return 'redirected';
  return visit.endedAt - visit.startedAt >= slow ? 'slow' : 'fine';
}

/** A step of 1, 2 or 5 times a power of ten that gives about `ticks` ticks. */
export function tickStep(span: number, ticks: number): number {
  const rough = Math.max(span, 1) / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

/** How many requests were in flight, on average, in each of `steps` equal parts of the run. */
export function loadOver(visits: readonly Visit[], elapsed: number, steps: number): number[] {
  const width = elapsed / steps;
  const load = new Array<number>(steps).fill(0);
  if (width <= 0) return load;
  for (const { startedAt, endedAt } of visits) {
    const last = Math.min(steps - 1, Math.floor(endedAt / width));
    for (let step = Math.max(0, Math.floor(startedAt / width)); step <= last; step++) {
      const overlap = Math.min(endedAt, (step + 1) * width) - Math.max(startedAt, step * width);
      load[step] = (load[step] ?? 0) + Math.max(0, overlap) / width;
    }
  }
  return load;
}

/** An SVG that takes its colours from the classes of the page around it. */
export function renderTimeline(visits: readonly Visit[], { elapsed, address }: TimelineOptions): Markup {
  const shown = [...visits].sort((a, b) => a.startedAt - b.startedAt).slice(0, MAX_BARS);
  const span = Math.max(elapsed, ...shown.map((visit) => visit.endedAt), 1);
  const lanes = assignLanes(shown);
  const rows = 1 + lanes.reduce((most, lane) => Math.max(most, lane), 0);
  const top = LOAD + 12;
  const bottom = top + rows * LANE;
  const x = (ms: number): number => round((ms / span) * WIDTH);
  const slow = slowFrom(visits);
  const bars = shown.map((visit, index) => {
    const y = top + (lanes[index] ?? 0) * LANE + (LANE - BAR) / 2;
    return bar(visit, outcomeOf(visit, slow), x, y, address(visit.url));
  });
  const load = loadOver(visits, span, LOAD_STEPS);
  const peak = Math.max(1, ...load);
  const summary = `${plural(shown.length, 'request')} over ${duration(elapsed)} in ${plural(rows, 'row')}; at most ${Math.round(peak)} were in flight at once.`;
  return markup`<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS}" role="img" aria-labelledby="timeline-title timeline-text">
<title id="timeline-title">Timeline of every request</title><desc id="timeline-text">${summary}</desc>
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2.5" height="6"/></pattern></defs>
${grid(span, x, bottom)}
<path class="load" d="${loadPath(load, peak)}"/>
<text class="axis" x="4" y="11">in flight, at most ${Math.round(peak)}</text>
${bars}
</svg>`;
}

/** Time runs as a line while the request waits for its connection, light while it waits for the answer, full while the body comes. */
function bar(visit: Visit, outcome: Outcome, x: (ms: number) => number, y: number, address: string): Markup {
  const { startedAt, endedAt, phases } = visit;
  const start = x(startedAt);
  const whole = Math.max(1.5, x(endedAt) - start);
  const took = duration(endedAt - startedAt);
  const detail = visit.problem?.text ?? `${visit.status ?? ''}, ${bytes(visit.bytes)}`;
  const parts = phases === undefined ? '' : ` (${phaseText(visit)})`;
  const setup = phases === undefined ? 0 : Math.min(whole, x(phases.setup));
  const body = phases === undefined ? 0 : Math.min(whole - setup, x(phases.body));
  return markup`<g class="bar ${outcome}"><title>${address}
${took}${parts}
${detail}</title>${setup > 0.5 && markup`<rect class="setup" x="${start}" y="${y + BAR / 2 - 1}" width="${round(setup)}" height="2"/>`}<rect class="wait" x="${round(start + setup)}" y="${y}" width="${round(Math.max(1, whole - setup))}" height="${BAR}" rx="1.5"/>${body > 0.5 && markup`<rect class="body" x="${round(start + whole - body)}" y="${y}" width="${round(body)}" height="${BAR}" rx="1.5"/>`}</g>
`;
}

function phaseText({ phases }: Visit): string {
  if (phases === undefined) return '';
  return [['connection', phases.setup] as const, ['wait', phases.wait] as const, ['body', phases.body] as const]
    .filter(([, ms]) => ms >= 0.05)
    .map(([name, ms]) => `${name} ${duration(ms)}`)
    .join(', ');
}

function grid(span: number, x: (ms: number) => number, bottom: number): Markup[] {
  const step = tickStep(span, 8);
  const lines: Markup[] = [];
  for (let ms = 0; ms <= span; ms += step) {
    const at = x(ms);
    // A label at the right edge would be cut off, so it stands to the left of its line.
    const anchor = at > WIDTH - 50 ? 'end' : 'start';
    lines.push(
      markup`<line class="grid" x1="${at}" x2="${at}" y1="${LOAD}" y2="${bottom + 6}"/><text class="axis" x="${at + (anchor === 'end' ? -4 : 4)}" y="${bottom + 18}" text-anchor="${anchor}">${tickLabel(ms)}</text>`,
    );
  }
  return lines;
}

function tickLabel(ms: number): string {
  if (ms === 0) return '0';
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(2))} s`;
}

function loadPath(load: readonly number[], peak: number): string {
  const step = WIDTH / load.length;
  let path = `M0 ${LOAD}`;
  load.forEach((value, index) => {
    const y = round(LOAD - (value / peak) * (LOAD - 18));
    path += `L${round(index * step)} ${y}H${round((index + 1) * step)}`;
  });
  return `${path}L${WIDTH} ${LOAD}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
