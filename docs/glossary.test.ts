import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Named, namesIn, wordsIn } from '../scripts/identifiers.ts';
import { isTest, readSources } from '../scripts/rooms/graph.ts';
import { plans } from '../scripts/rooms/plan.ts';
import { root } from '../scripts/workspace.ts';
import { codeIn, rowsOf } from './tables.ts';

interface Place extends Named {
  readonly pack: string;
  readonly file: string;
}

/** Every name that the packages declare, tests not counted. */
const names: readonly Place[] = Object.keys(plans).flatMap((pack) =>
  [...readSources(join(root, 'packages', pack, 'src'))]
    .filter(([file]) => !isTest(file))
    .flatMap(([file, text]) => namesIn(file, text).map((named) => ({ ...named, pack, file }))),
);

const rows = rowsOf('architecture.md', '## The words of the house').map(({ line, cells: [word, meaning, not] }) => ({
  line,
  stated: [...codeIn(word ?? ''), ...codeIn(meaning ?? '')],
  refused: (not ?? '').split(';').filter((item) => item.trim() !== ''),
}));

/** What the last column refuses: a word of a name, or a whole name, in one package or in all, but for some names. */
function refusal(item: string): (place: Place) => boolean {
  const [, word = '', , pack, exceptions = ''] = /^\s*`(\w+)`( in (\w+))?( except .*)?\s*$/.exec(item) ?? [];
  if (word === '') throw new Error(`'${item.trim()}' is not of the form: \`word\` in core except \`Name\``);
  const allowed = codeIn(exceptions);
  const isPart = /^[a-z]+$/.test(word);
  return ({ name, pack: home }) => {
    if (pack !== undefined && pack !== home) return false;
    const plain = name.replace(/^#/, '');
    if (allowed.includes(plain)) return false;
    return isPart ? wordsIn(plain).some((part) => part === word || part === `${word}s`) : plain === word;
  };
}

test('every name that the glossary states is declared', () => {
  const declared = new Set(names.map(({ name }) => name));
  const stated = rows.flatMap((row) =>
    row.stated.filter((code) => /^[\w.]+$/.test(code)).map((code) => ({ ...row, code })),
  );
  const absent = stated.filter(({ code }) => !code.split('.').every((part) => declared.has(part)));
  expect(stated.length).toBeGreaterThan(30);
  expect(absent.map(({ line, code }) => `docs/architecture.md:${line}: nothing is called ${code}`)).toEqual([]);
});

test('no name uses a word that the glossary refuses', () => {
  const refusals = rows.flatMap(({ refused }) => refused.map(refusal));
  expect(refusals.length).toBeGreaterThan(10);
  const wrong = names.filter((place) => refusals.some((isRefused) => isRefused(place)));
  expect(wrong.map(({ pack, file, line, name }) => `packages/${pack}/src/${file}:${line}: ${name}`)).toEqual([]);
});

/** The names that two files of a package declare, with the reason. */
const TWICE: Readonly<Record<string, string>> = {
  'core WorkerPool': 'each platform has its own door',
  'http Session': 'each platform has its own door',
  'http SessionOptions': 'each platform has its own door',
  'http WebSocket': 'each platform has its own door',
  'http ConnectionPool': 'the browser door refuses it by name',
  'http CookieJar': 'the browser door refuses it by name',
  'http DigestAuth': 'the browser door refuses it by name',
  'http NetrcAuth': 'the browser door refuses it by name',
  'http Resolver': 'the browser door refuses it by name',
};

test('no class, interface or type of a package has the name of another one, unless each platform has its own', () => {
  const declared = new Map<string, string[]>();
  for (const { pack, file, name } of names.filter(({ isType }) => isType)) {
    const key = `${pack} ${name}`;
    declared.set(key, [...(declared.get(key) ?? []), file]);
  }
  const twice = [...declared].filter(([, files]) => files.length > 1);
  expect(twice.filter(([name]) => !Object.hasOwn(TWICE, name))).toEqual([]);
  expect(Object.keys(TWICE).filter((name) => !twice.some(([other]) => other === name))).toEqual([]);
});

test('a word is refused as a part of a name in one package, and a name as a whole', () => {
  const place = (name: string, pack = 'http'): Place => ({ name, pack, file: 'a.ts', line: 1, isType: false });
  const part = refusal('`piece` in http except `pieceOfCake`');
  expect([place('awaitPieces'), place('#piece'), place('MOST_PIECES')].map(part)).toEqual([true, true, true]);
  expect([place('pieceOfCake'), place('piecewise'), place('piece', 'core')].map(part)).toEqual([false, false, false]);
  const whole = refusal('`Claim`');
  expect([place('Claim'), place('Claim', 'core'), place('SlotClaim')].map(whole)).toEqual([true, true, false]);
  expect(() => refusal('`two` `words`')).toThrow('is not of the form');
});
