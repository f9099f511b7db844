import type { Row } from './table.ts';

const WIDTH = 720;
const BAR = 22;
const LEFT = 170;

const markup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Bars on a logarithmic scale, native async/await being 1; shorter is better. Readable on light and dark pages. */
export function plotRatios(
  title: string,
  groups: readonly { readonly name: string; readonly rows: readonly Row[] }[],
): string {
  const ratios = groups.flatMap(({ rows }) => rows.map((row) => row.toNative)).filter((ratio) => ratio > 0);
  const low = Math.log10(Math.min(0.05, ...ratios));
  const high = Math.log10(Math.max(10, ...ratios));
  const x = (ratio: number): number => LEFT + ((Math.log10(ratio) - low) / (high - low)) * (WIDTH - LEFT - 90);
  let y = 44;
  const parts: string[] = [];
  for (const { name, rows } of groups) {
    parts.push(`<text x="8" y="${y + 14}" class="name">${markup(name)}</text>`);
    y += BAR;
    for (const row of rows) {
      if (!(row.toNative > 0)) continue;
      const [from, to] = [Math.min(x(1), x(row.toNative)), Math.max(x(1), x(row.toNative))];
      const kind = row.system.startsWith('coloop') ? 'own' : row.system.startsWith('native') ? 'native' : 'peer';
      parts.push(
        `<text x="${LEFT - 8}" y="${y + 14}" class="label" text-anchor="end">${markup(row.system)}</text>`,
        `<rect x="${from.toFixed(1)}" y="${y + 3}" width="${Math.max(2, to - from).toFixed(1)}" height="${BAR - 8}" rx="2" class="${kind}"/>`,
        `<text x="${(to + 6).toFixed(1)}" y="${y + 14}" class="value">${row.toNative < 10 ? row.toNative.toFixed(2) : row.toNative.toFixed(0)}x</text>`,
      );
      y += BAR;
    }
    y += 8;
  }
  const grid: string[] = [];
  for (let power = Math.ceil(low); power <= Math.floor(high); power++) {
    const at = x(10 ** power).toFixed(1);
    grid.push(`<line x1="${at}" y1="36" x2="${at}" y2="${y}" class="grid"/>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 8}" role="img" aria-label="${markup(title)}">
<style>
text{font:13px system-ui,sans-serif;fill:#24292f}.name{font-weight:600}.value{font-size:12px}.title{font-size:15px;font-weight:600}
.own{fill:#0a7d4f}.native{fill:#57606a}.peer{fill:#b6562c}.grid{stroke:#8c959f;stroke-opacity:.3}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.own{fill:#3fb97f}.native{fill:#8b949e}.peer{fill:#e08a5b}}
</style>
<text x="8" y="22" class="title">${markup(title)}</text>
${grid.join('\n')}
${parts.join('\n')}
</svg>
`;
}
