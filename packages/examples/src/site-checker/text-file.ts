/** Text that the user keeps in files. */
import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** Reads an object of JSON; throws a UsageError where it holds anything else. */
export function readJsonFile(what: string, file: string): Record<string, unknown> {
  const text = readText(`${what} cannot be read from ${file}`, file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${what} in ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${what} in ${file} is not an object of JSON: write it like {"limit": 500}`);
  }
  return { ...value };
}

/** @param what begins the sentence that says why it cannot be read */
export function readText(what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
