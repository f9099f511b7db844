// Which programs packages/examples has, and what each is about.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.ts';

export interface Example {
  readonly name: string;
  readonly file: string;
  /** The first sentence of the file's first comment, or its beginning. */
  readonly about: string;
  /** Whether it has options, and answers to `--help` itself. */
  readonly explainsItself: boolean;
}

const source = join(root, 'packages/examples/src');
const programs = join(source, 'programs');

/** The docstring or the line comments at the top of a text, in its lines, without the marks of a comment. */
export function firstComment(text: string): string {
  const [comment = ''] = /^\s*\/\*\*[\s\S]*?\*\/|^(\s*\/\/.*\n?)+/.exec(text) ?? [];
  return comment.replace(/^\s*(\/\*\*|\*\/|\*|\/\/) ?|\s*\*\/\s*$/gm, '').trim();
}

/** The first sentence of that comment. */
export function firstSentence(text: string): string {
  const prose = firstComment(text).replace(/\s+/g, ' ');
  const [sentence = prose] = /^.*?\.(?=\s|$)/.exec(prose) ?? [];
  return sentence.replace(/\.$/, '');
}

const LONGEST = 96;

/** How many names are suggested at a time. */
const MOST = 3;

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
    .map(([name, file]) => {
      const text = readFileSync(file, 'utf8');
      return {
        name,
        file,
        about: shortened(firstSentence(text)),
        explainsItself: text.includes('--help') || name === 'site-checker',
      };
    });
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

/** Names that what was typed begins a part of, or is most of: `race` is not meant for `graceful-end`. */
function holding(wanted: string, names: readonly string[]): string[] {
  const holds = (part: string): boolean =>
    part.startsWith(wanted.slice(0, Math.max(4, wanted.length - 2))) ||
    (part.includes(wanted) && wanted.length * 2 > part.length);
  return names.filter((name) => wanted.length > 1 && (wanted.includes(name) || name.split('-').some(holds)));
}

/** The names that take the fewest changes, best first, and none where nothing is near. */
function nearest(wanted: string, names: readonly string[]): string[] {
  // A part of a name alone says less than the whole of it.
  const cost = (name: string): number =>
    Math.min(distance(wanted, name), ...name.split('-').map((part) => distance(wanted, part) + 0.5));
  const most = Math.max(2, Math.floor(wanted.length / 2));
  return names.filter((name) => cost(name) <= most).sort((a, b) => cost(a) - cost(b));
}

/** What to ask about a name that no example has: names that hold it, else examples about it, else names like it. */
export function suggestion(typed: string, all: readonly Pick<Example, 'name' | 'about'>[]): string {
  const wanted = typed.toLowerCase();
  const names = all.map(({ name }) => name);
  const words = ({ about }: { about: string }): string[] => about.toLowerCase().split(/\W+/);
  const about = all.filter((one) => words(one).some((word) => word === wanted || word === `${wanted}s`));
  const ranks = [holding(wanted, names), about.map(({ name }) => name), nearest(wanted, names)];
  const found = ranks.find((rank) => rank.length > 0)?.slice(0, MOST) ?? [];
  return found.length === 0 ? '' : ` Did you mean ${found.map((name) => `'${name}'`).join(' or ')}?`;
}
