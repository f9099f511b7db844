/** The arguments and the configuration file, laid over each other: still text, and only names that exist. */
import { parseArgs } from 'node:util';
import { readJsonFile } from '../text-file.ts';
import { UsageError } from '../usage-error.ts';

export const DECLARATIONS = {
  accept: { type: 'string', multiple: true },
  baseline: { type: 'string' },
  ca: { type: 'string' },
  concurrency: { type: 'string' },
  config: { type: 'string' },
  depth: { type: 'string' },
  exclude: { type: 'string', multiple: true },
  'exclude-file': { type: 'string' },
  external: { type: 'boolean' },
  format: { type: 'string' },
  gain: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  'ignore-robots': { type: 'boolean' },
  include: { type: 'string', multiple: true },
  insecure: { type: 'boolean' },
  limit: { type: 'string' },
  'max-page': { type: 'string' },
  nameserver: { type: 'string', multiple: true },
  'no-fragments': { type: 'boolean' },
  proxy: { type: 'string' },
  report: { type: 'string' },
  retries: { type: 'string' },
  sitemap: { type: 'boolean' },
  threads: { type: 'string' },
  timeout: { type: 'string' },
  'total-timeout': { type: 'string' },
  'update-baseline': { type: 'boolean' },
  user: { type: 'string' },
} as const;

type Declarations = typeof DECLARATIONS;

/** The values by the names of the options. */
export type Values = {
  readonly [N in keyof Declarations]?: Declarations[N] extends { type: 'boolean' }
    ? boolean
    : Declarations[N] extends { multiple: true }
      ? readonly string[]
      : string;
};

export interface Arguments {
  readonly values: Values;
  /** The addresses, of the command line or else of the file. */
  readonly sites: readonly string[];
}

/**
 * Reads the arguments, and the file that `--config` names.
 *
 * @param args without the program's name
 * Throws a UsageError that says which argument is wrong.
 */
export function readArguments(args: readonly string[]): Arguments {
  // npm takes the `--` of `start -- --help` away, pnpm hands it on.
  const { values, positionals } = parse(args[0] === '--' ? args.slice(1) : args);
  if (values.config === undefined || values.help === true) return { values, sites: positionals };
  const { sites, ...configured } = readConfig(values.config);
  return { values: { ...configured, ...values }, sites: positionals.length > 0 ? positionals : (sites ?? []) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: DECLARATIONS, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's own sentence is good up to its first full stop; what follows advises on positional arguments.
    const [sentence] = error instanceof Error ? error.message.split(/\.\s/) : [];
    throw new UsageError(`${sentence ?? 'The arguments make no sense'}; --help shows what there is`);
  }
}

function readConfig(file: string): Values & { readonly sites?: readonly string[] } {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(readJsonFile('The configuration', file))) {
    if (name === 'sites') read[name] = listOf(file, name, value);
    else read[name] = configured(file, name, value);
  }
  return read;
}

function configured(file: string, name: string, value: unknown): string | boolean | string[] {
  if (name === 'config' || name === 'help' || !isOption(name)) {
    throw new UsageError(
      `The configuration in ${file} has "${name}", and there is no such option; --help shows what there is`,
    );
  }
  const declaration: { type: string; multiple?: boolean } = DECLARATIONS[name];
  if (declaration.type === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw new UsageError(`"${name}" in ${file} must be true or false`);
  }
  if (declaration.multiple === true) return listOf(file, name, value);
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new UsageError(`"${name}" in ${file} must be a text or a number`);
}

function listOf(file: string, name: string, value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((item) => typeof item === 'string' || typeof item === 'number')) return list.map(String);
  throw new UsageError(`"${name}" in ${file} must be a list of texts`);
}

function isOption(name: string): name is keyof Declarations {
  return Object.hasOwn(DECLARATIONS, name);
}
