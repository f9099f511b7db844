/** Figures and foreign text for people. */

const COUNT = new Intl.NumberFormat('en-US');
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 12345 as `12,345`. */
export function count(value: number): string {
  return COUNT.format(Math.round(value));
}

/** With its noun: `1 page`, `2 pages`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** In decimal units: 1500 as `1.5 kB`. */
export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${unit === 0 || rest >= 99.95 ? Math.round(rest) : rest.toFixed(1)} ${UNITS[unit]}`;
}

/** Milliseconds as `12 ms`, `1.25 s` or `3 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${ms < 9.95 && ms > 0 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** How many times faster: `9.4x`. */
export function factor(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)}x`;
}

/**
 * Text from a site made safe for a terminal: control characters would move the cursor or worse, and marks that change
 * the direction of writing would show another address than the real one.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\u{fffd}');
}

/** Cut in the middle, where an address says least, to at most `width` characters. */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  if (width < 3) return characters.slice(0, width).join('');
  const tail = Math.ceil((width - 1) / 2);
  return `${characters.slice(0, width - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}

/** Broken at blanks into lines of at most `width` characters; a longer word stands alone. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** An address as short as it can be said on a page about `site`. */
export function addressOn(site: string, url: string): string {
  const { origin } = new URL(site);
  return url.startsWith(`${origin}/`) ? url.slice(origin.length) : url;
}

/** A link as short as it can be said under the page that holds it. */
export function linkOn(site: string, page: string, link: string): string {
  return link.startsWith(`${page}#`) ? link.slice(page.length) : addressOn(site, link);
}
