/** The report for a terminal. */
import { brokenByPage, type Findings, slowest, totals } from './findings.ts';
import { addressOn, bytes, count, duration, factor, linkOn, plural, printable, shorten } from './format.ts';

export interface TableOptions {
  /** Characters in a line. */
  readonly width: number;
  readonly color: boolean;
  /** How many broken links to print; the rest is counted. */
  readonly maxBroken: number;
  readonly maxSlowest: number;
}

type Paint = (text: string) => string;

interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

/** So that one bad page does not hide the others. */
const MOST_OF_ONE_PAGE = 4;

/** All lines of the report, without a line end after the last. */
export function renderTable(findings: Findings, options: TableOptions): string {
  const palette = paletteOf(options.color);
  return [
    heading(findings, palette),
    figures(findings, palette),
    ...brokenLinks(findings, options, palette),
    ...slowestPages(findings, options, palette),
    ...gain(findings, palette),
  ].join('\n');
}

function heading(findings: Findings, { bold, yellow }: Palette): string {
  const state = findings.interrupted ? yellow('  interrupted: what was found so far') : '';
  return `\n${bold(printable(findings.site))}${state}`;
}

function figures(findings: Findings, { bold, dim, red, green }: Palette): string {
  const sum = totals(findings);
  const cells: [label: string, value: string, paint?: Paint][] = [
    ['pages', count(sum.pages)],
    ['requests', count(sum.requests)],
    ['bytes', bytes(sum.bytes)],
    ['links', count(findings.links)],
    ['redirected', count(sum.redirected)],
    ['broken', count(sum.broken), sum.broken > 0 ? red : green],
    ['time', duration(findings.elapsed)],
    ['per second', count(sum.perSecond)],
  ];
  const widths = cells.map(([label, value]) => Math.max(label.length, value.length));
  const line = (left: string, middle: string, right: string): string =>
    dim(left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right);
  const row = (pick: (cell: [string, string, Paint?]) => [text: string, paint: Paint]): string => {
    const parts = cells.map((cell, index) => {
      const [text, paint] = pick(cell);
      return ` ${paint(text.padStart(widths[index] ?? 0))} `;
    });
    return dim('│') + parts.join(dim('│')) + dim('│');
  };
  const extra: string[] = [];
  if (findings.external > 0) extra.push(`${plural(findings.external, 'link')} to other sites`);
  if (findings.skipped > 0) extra.push(`${plural(findings.skipped, 'link')} left out: limit reached`);
  return [
    line('┌', '┬', '┐'),
    row(([label]) => [label, dim]),
    row(([, value, paint]) => [value, paint ?? bold]),
    line('└', '┴', '┘'),
    ...extra.map((text) => dim(`  ${text}`)),
  ].join('\n');
}

function brokenLinks(findings: Findings, options: TableOptions, { bold, dim, red }: Palette): string[] {
  if (findings.broken.length === 0) return [];
  const lines = ['', bold(`Broken links: ${count(findings.broken.length)}`)];
  let shown = 0;
  for (const [page, links] of brokenByPage(findings)) {
    if (shown >= options.maxBroken) break;
    lines.push(`  ${dim('on')} ${line(addressOn(findings.site, page), options.width - 5)}`);
    const some = links.slice(0, Math.min(MOST_OF_ONE_PAGE, options.maxBroken - shown));
    for (const { link, problem } of some) {
      const text = printable(problem.text);
      const room = Math.max(20, options.width - 7 - text.length);
      const address = line(linkOn(findings.site, page, link), room);
      lines.push(`    ${red('✗')} ${address.padEnd(Math.min(room, 48))} ${dim(text)}`);
    }
    if (some.length < links.length) lines.push(dim(`      and ${count(links.length - some.length)} more on this page`));
    shown += some.length;
  }
  const hidden = findings.broken.length - shown;
  if (hidden > 0) lines.push(dim(`  ${count(hidden)} of them are in the report only`));
  return lines;
}

function slowestPages(findings: Findings, options: TableOptions, { bold, dim }: Palette): string[] {
  const visits = slowest(findings, options.maxSlowest);
  if (visits.length === 0) return [];
  return [
    '',
    bold('Slowest pages'),
    ...visits.map((visit) => {
      const took = duration(visit.endedAt - visit.startedAt).padStart(9);
      const size = bytes(visit.bytes).padStart(8);
      return `  ${took}  ${dim(size)}  ${line(addressOn(findings.site, visit.url), options.width - 23)}`;
    }),
  ];
}

function gain({ sample, concurrency }: Findings, { bold, dim }: Palette): string[] {
  if (sample === undefined) return [];
  const { requests, oneByOne, together } = sample;
  return [
    '',
    `${bold('Gain')}  ${plural(requests, 'page')} one at a time took ${duration(oneByOne)}, ` +
      `${concurrency} at a time ${duration(together)}: ${bold(`${factor(oneByOne / together)} faster`)}`,
    dim('      measured on a sample of this site just now'),
  ];
}

function line(text: string, width: number): string {
  return shorten(printable(text), Math.max(10, width));
}

function paletteOf(color: boolean): Palette {
  const paint =
    (code: number, end: number): Paint =>
    (text) =>
      color ? `\u{1b}[${code}m${text}\u{1b}[${end}m` : text;
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39) };
}
