// Which programs packages/examples has, and what each is about.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.ts';

export interface Example {
  readonly name: string;
  readonly file: string;
  /** The first sentence of the file's first comment, or its beginning. */
  readonly about: string;
}

const source = join(root, 'packages/examples/src');
const programs = join(source, 'programs');

/** The first sentence of a docstring or of line comments at the top of a text. */
export function firstSentence(text: string): string {
  const [comment = ''] = /^\s*\/\*\*[\s\S]*?\*\/|^(\s*\/\/.*\n?)+/.exec(text) ?? [];
  const prose = comment
    .replace(/^\s*(\/\*\*|\*\/|\*|\/\/)|\*\/\s*$/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const [sentence = prose] = /^.*?\.(?=\s|$)/.exec(prose) ?? [];
  return sentence.replace(/\.$/, '');
}

const LONGEST = 96;

/** A sentence that fits into a line of the list: cut between two words, where it is longer. */
export function shortened(sentence: string): string {
  if (sentence.length <= LONGEST) return sentence;
  const start = sentence.slice(0, LONGEST - 1);
  return `${start.slice(0, start.lastIndexOf(' ')).replace(/[,;:]$/, '')} …`;
}

/** All programs in the order of the alphabet: a file in `programs`, or a folder with a `main.ts`. */
export function examples(): Example[] {
  const single = readdirSync(programs).flatMap((file): [name: string, file: string][] => {
    const name = /^([a-z-]+)\.ts$/.exec(file)?.[1];
    return name === undefined ? [] : [[name, join(programs, file)]];
  });
  const folders = readdirSync(source).flatMap((name): [name: string, file: string][] => {
    const main = join(source, name, 'main.ts');
    return existsSync(main) ? [[name, main]] : [];
  });
  return [...single, ...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, file]) => ({ name, file, about: shortened(firstSentence(readFileSync(file, 'utf8'))) }));
}

/** How many letters have to be put in, taken out or replaced to make `b` of `a`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The name that was most likely meant: one that begins with what was typed or holds it, else the one with the fewest changes. */
export function nearest(typed: string, names: readonly string[]): string {
  const wanted = typed.toLowerCase();
  const cost = (name: string): number => (wanted !== '' && name.includes(wanted) ? 0 : distance(wanted, name));
  return names.reduce((best, name) => (cost(name) < cost(best) ? name : best), names[0] ?? '');
}
