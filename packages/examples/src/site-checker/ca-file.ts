/** The certificates that the user trusts. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** Reads a PEM file; throws a UsageError where it cannot be read or holds no certificate. */
export function readCaFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The certificates of --ca cannot be read from ${file}: ${reason}`);
  }
  try {
    new X509Certificate(text);
  } catch {
    throw new UsageError(
      `The file ${file} of --ca holds no certificate in PEM: it must begin with -----BEGIN CERTIFICATE-----`,
    );
  }
  return text;
}
