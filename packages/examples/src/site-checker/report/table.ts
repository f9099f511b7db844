/** The report for a terminal. */
import { type BrokenLink, type Findings, linksByPage, notes, slowest, totals } from './findings.ts';
import { addressOn, bytes, count, duration, linkOn, printable, shorten } from './format.ts';

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
    figures(findings, options.width, palette),
    ...brokenLinks(findings, options, palette),
    ...slowestPages(findings, options, palette),
  ].join('\n');
}

function heading(findings: Findings, { bold, yellow }: Palette): string {
  const state = findings.interrupted ? yellow('  interrupted: what was found so far') : '';
  return findings.sites.map((site, index) => `\n${bold(printable(site))}${index === 0 ? state : ''}`).join('');
}

type Cell = readonly [label: string, value: string, paint?: Paint];

/** What a narrow terminal has no room for, the first to go first. */
const DISPENSABLE = ['moved', 'bytes', 'links'];

function figures(findings: Findings, width: number, { bold, dim, red, green }: Palette): string {
  const sum = totals(findings);
  let cells: Cell[] = [
    ['pages', count(sum.pages)],
    ['requests', count(sum.requests)],
    ['bytes', bytes(sum.bytes)],
    ['links', count(findings.links)],
    ['moved', count(sum.redirected)],
    ['broken', count(sum.broken), sum.broken > 0 ? red : green],
    ['time', duration(findings.elapsed)],
  ];
  for (const label of DISPENSABLE) if (tableWidth(cells) > width) cells = cells.filter(([other]) => other !== label);
  const widths = cells.map(cellWidth);
  const line = (left: string, middle: string, right: string): string =>
    dim(left + widths.map((size) => '─'.repeat(size + 2)).join(middle) + right);
  const row = (pick: (cell: Cell) => readonly [text: string, paint: Paint]): string => {
    const parts = cells.map((cell, index) => {
      const [text, paint] = pick(cell);
      return ` ${paint(text.padStart(widths[index] ?? 0))} `;
    });
    return dim('│') + parts.join(dim('│')) + dim('│');
  };
  return [
    line('┌', '┬', '┐'),
    row(([label]) => [label, dim]),
    row(([, value, paint]) => [value, paint ?? bold]),
    line('└', '┴', '┘'),
    ...notes(findings).map((text) => dim(`  ${shorten(text, width - 2)}`)),
  ].join('\n');
}

function cellWidth([label, value]: Cell): number {
  return Math.max(label.length, value.length);
}

function tableWidth(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cellWidth(cell) + 3, 1);
}

/** The broken links, and apart from them what only link checkers do not get. */
function brokenLinks(findings: Findings, options: TableOptions, palette: Palette): string[] {
  const broken = findings.broken.filter(({ problem }) => problem.why !== 'refused');
  const refused = findings.broken.filter(({ problem }) => problem.why === 'refused');
  return [
    ...linkList('Broken links', broken, findings, options, palette),
    ...linkList('Refused, and perhaps fine for a reader', refused, findings, options, palette),
  ];
}

function linkList(
  title: string,
  links: readonly BrokenLink[],
  { site }: Findings,
  { width, maxBroken }: TableOptions,
  { bold, dim, red }: Palette,
): string[] {
  if (links.length === 0) return [];
  const lines = ['', bold(`${title}: ${count(links.length)}`)];
  let shown = 0;
  for (const [page, list] of linksByPage(links)) {
    if (shown >= maxBroken) break;
    lines.push(`  ${dim('on')} ${line(addressOn(site, page), width - 5)}`);
    const some = list.slice(0, Math.min(MOST_OF_ONE_PAGE, maxBroken - shown));
    for (const { link, problem } of some) {
      const [address, ...more] = problemLines(linkOn(site, page, link), printable(problem.text), width);
      lines.push(`    ${red('✗')} ${address}`, ...more.map(dim));
    }
    if (some.length < list.length) lines.push(dim(`      and ${count(list.length - some.length)} more on this page`));
    shown += some.length;
  }
  const hidden = links.length - shown;
  if (hidden > 0) lines.push(dim(`  ${count(hidden)} of them are in the report only`));
  return lines;
}

/** The address with what is wrong behind it, or, where one of them is long, below it. */
function problemLines(address: string, text: string, width: number): string[] {
  const room = width - 7 - text.length;
  if (room >= 20) return [`${line(address, room).padEnd(Math.min(room, 44))} ${text}`];
  return [line(address, width - 6), `        ${line(text, width - 8)}`];
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
