// Holds comments, messages and pages to plain English: `pnpm run check english`. Each phrase below reads like a translation;
// beside it stands what a technical writer would say.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.ts';

interface Phrase {
  readonly pattern: RegExp;
  readonly advice: string;
}

/** A space in a pattern also stands for the end of a line of prose or of a comment. */
const phrase = (pattern: string, advice: string): Phrase => ({
  pattern: new RegExp(pattern.replaceAll(' ', String.raw`(?: |[ \t]*\n[ \t]*(?:(?:\*|\/\/|>)[ \t]*)?)`), 'gi'),
  advice,
});

const PHRASES: readonly Phrase[] = [
  phrase(String.raw`\bwhosoever\b|\bwhoever\b`, 'name the task, the caller or the request'),
  phrase(
    String.raw`(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|fewer\b|better\b|worse\b|reason\b|way\b|use\b)\w+`,
    "say 'is not a …'",
  ),
  phrase(String.raw`\b(?:that|which|it) (?:is|are|was|were) none\b`, "say 'is not a …'"),
  phrase(String.raw`\bis none: `, 'say what was given instead of what was expected'),
  phrase(String.raw`\b(?:take|takes|taken|taking|took) (?:\w+ )?off\b`, "say 'decode' or 'remove'"),
  phrase(String.raw`\b(?:let|lets|letting) (?:\w+ ){0,2}go\b(?! on)`, "say 'release'"),
  phrase(String.raw`\b(?:this|that|it) is so\b(?! [a-z])`, 'give the sentence a subject: which condition holds?'),
  phrase(String.raw`\b(?:hear|hears|heard|hearing) of\b`, "say 'is told' or 'receives'"),
  phrase(String.raw`\bin vain\b`, "say 'without success'"),
  phrase(String.raw`\bupon\b`, "say 'on'"),
  phrase(String.raw`\b(?:told|tells|tell) as\b`, "say 'reported as'"),
  phrase(String.raw`\bread away\b`, "say 'drained' or 'skipped'"),
  phrase(String.raw`\b(?:for|by|of|to|from|not|nobody|those) who\b`, 'name the task, the caller or the request'),
];

/** Every phrase in a text that plain English would put otherwise, with its line. */
export function stiltedIn(text: string): { readonly line: number; readonly found: string; readonly advice: string }[] {
  return PHRASES.flatMap(({ pattern, advice }) =>
    [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
      line: text.slice(0, index).split('\n').length,
      found: found.replace(/\s+(?:\*|\/\/|>)?\s*/g, ' '),
      advice,
    })),
  ).sort((a, b) => a.line - b.line);
}

/** Files that are not written in our English, and this rule itself with its test. */
const EXEMPT = /\.zh-CN\.md$|^scripts\/english(\.test)?\.ts$/;

/** The files that are held to it. */
const HELD = [
  '*.md',
  '.changeset',
  'docs',
  'scripts',
  'benchmarks',
  'packages/*/README.md',
  'packages/*/src',
  'packages/*/interop',
];

if (process.argv[1] === import.meta.filename) {
  const files = execFileSync('git', ['ls-files', '--', ...HELD], { cwd: root, encoding: 'utf8' }).split('\n');
  let count = 0;
  for (const file of files.filter((name) => /\.(ts|md)$/.test(name) && !EXEMPT.test(name))) {
    for (const { line, found, advice } of stiltedIn(readFileSync(join(root, file), 'utf8'))) {
      console.error(`${file}:${line}: "${found}": ${advice}`);
      count += 1;
    }
  }
  console.log(count === 0 ? 'Every phrase is plain English.' : `${count} phrases read like a translation.`);
  process.exitCode = count === 0 ? 0 : 1;
}
