/** Findings that are known, and not told again. */
import { existsSync, writeFileSync } from 'node:fs';
import type { BrokenLink } from '../report/findings.ts';
import { readJsonFile } from '../text-file.ts';
import { UsageError } from '../usage-error.ts';

/** What makes a finding the same as before: not its text, which names times and reasons that change. */
export type Baseline = ReadonlySet<string>;

/**
 * Reads the file; what `--format json` prints can be read too.
 *
 * @param mayBeMissing as before the first update
 * Throws a UsageError where it cannot be read or holds something else.
 */
export function readBaseline(file: string, mayBeMissing: boolean): Baseline {
  if (mayBeMissing && !existsSync(file)) return new Set();
  const { findings } = readJsonFile('The baseline', file);
  if (!Array.isArray(findings) || !findings.every(isFinding)) {
    throw new UsageError(`The baseline in ${file} has no list of findings: write it with --update-baseline`);
  }
  return new Set(findings.map(({ page, link, why }) => keyOf(page, link, why)));
}

export function isKnown(baseline: Baseline, { page, link, problem }: BrokenLink): boolean {
  return baseline.has(keyOf(page, link, problem.why));
}

/** Throws a UsageError where it cannot be written. */
export function writeBaseline(file: string, links: readonly BrokenLink[]): void {
  const findings = links.map(({ page, link, problem }) => ({ page, link, why: problem.why })).sort(byText);
  try {
    writeFileSync(file, `${JSON.stringify({ version: 1, findings }, undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError(
      `The baseline cannot be written to ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

interface Finding {
  readonly page: string;
  readonly link: string;
  readonly why: string;
}

function isFinding(value: unknown): value is Finding {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['page', 'link', 'why'].every((name) => typeof (value as Record<string, unknown>)[name] === 'string')
  );
}

/** So that two runs write the same file. */
function byText(a: Finding, b: Finding): number {
  const [left, right] = [keyOf(a.page, a.link, a.why), keyOf(b.page, b.link, b.why)];
  return left < right ? -1 : Number(left > right);
}

function keyOf(page: string, link: string, why: string): string {
  return `${page}\n${link}\n${why}`;
}
