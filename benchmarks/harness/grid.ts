/** A head and lines of cells: shown on a terminal or on a page. */
export interface Grid {
  /** How many columns are texts, which begin at the left: 1 by default. The others are figures. */
  readonly texts?: number;
  readonly head: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

/** Columns for a terminal. */
export function formatText({ texts = 1, head, lines }: Grid): string {
  const widths = head.map((text, i) => Math.max(text.length, ...lines.map((line) => (line[i] ?? '').length)));
  const format = (line: readonly string[]): string =>
    line.map((text, i) => (i < texts ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ');
  return [head, ...lines].map(format).join('\n');
}

/** The same as a table in Markdown. */
export function formatMarkdown({ texts = 1, head, lines }: Grid): string {
  const format = (line: readonly string[]): string => `| ${line.join(' | ')} |`;
  const rule = head.map((_, i) => (i < texts ? '---' : '---:'));
  return [format(head), `|${rule.join('|')}|`, ...lines.map(format)].join('\n');
}

/** A figure with no more digits than a measurement has. */
export function formatFigure(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });
}

/** A ratio as in "1.35x". */
export function formatRatio(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '-';
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')}x`;
}
