/** Files that the user names: certificates, patterns, options. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';
import { readPattern } from './values.ts';

/** Reads a PEM file; throws a UsageError where it cannot be read or holds no certificate. */
export function readCaFile(file: string): string {
  const text = readText(`The certificates of --ca cannot be read from ${file}`, file);
  try {
    new X509Certificate(text);
  } catch {
    throw new UsageError(
      `The file ${file} of --ca holds no certificate in PEM: it must begin with -----BEGIN CERTIFICATE-----`,
    );
  }
  return text;
}

/** Reads one pattern of each line; throws a UsageError that names the line which is none. */
export function readPatternFile(file: string): RegExp[] {
  const lines = readText(`The patterns of --exclude-file cannot be read from ${file}`, file).split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [readPattern(`Line ${index + 1} of ${file}`, text)];
  });
}

/** Reads an object of JSON; throws a UsageError where it holds anything else. */
export function readJsonFile(what: string, file: string): Record<string, unknown> {
  const text = readText(`${what} cannot be read from ${file}`, file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${what} in ${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${what} in ${file} is no object of JSON: write it like {"limit": 500}`);
  }
  return { ...value };
}

function readText(what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
