/** Files that the user names: certificates and patterns. */
import { X509Certificate } from 'node:crypto';
import { readText } from '../text-file.ts';
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

/** Reads one pattern of each line; throws a UsageError that names the line that is not one. */
export function readPatternFile(file: string): RegExp[] {
  const lines = readText(`The patterns of --exclude-file cannot be read from ${file}`, file).split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [readPattern(`Line ${index + 1} of ${file}`, text)];
  });
}
