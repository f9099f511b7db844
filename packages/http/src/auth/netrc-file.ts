/* The text of a netrc file, read into entries, and the entry for a host. */
import { InvalidOptionError } from '../errors.ts';

/** One `machine` (or `default`) of a netrc file. */
export interface NetrcEntry {
  /** In lower case, without brackets; undefined for `default`. */
  readonly machine: string | undefined;
  readonly login: string;
  readonly password: string;
}

/**
 * Reads a netrc file.
 *
 * Tokens are separated by white space and may be quoted, with `\` escapes inside; `#` starts a comment where a keyword
 * is expected; a `macdef` ends at the next empty line and is passed over.
 *
 * @param name - the file's name, for the error
 * @throws InvalidOptionError naming file and line, never what stands there
 *
 * Source: the netrc(5) pages of GNU inetutils and curl.
 */
export function parseNetrc(text: string, name = '.netrc'): NetrcEntry[] {
  const entries: NetrcEntry[] = [];
  const lexer = new Lexer(text, name);
  let open: { machine: string | undefined; login: string; password: string } | undefined;
  for (let keyword = lexer.keyword(); keyword !== undefined; keyword = lexer.keyword()) {
    if (keyword === 'machine' || keyword === 'default') {
      open = { machine: keyword === 'machine' ? hostKey(lexer.value(keyword)) : undefined, login: '', password: '' };
      entries.push(open);
    } else if (keyword === 'macdef') {
      lexer.skipMacro();
    } else if (keyword === 'login' || keyword === 'user' || keyword === 'password' || keyword === 'account') {
      const value = lexer.value(keyword);
      if (open === undefined) throw lexer.error(`has "${keyword}" before any "machine"`);
      if (keyword === 'password') open.password = value;
      else if (keyword !== 'account') open.login = value;
    } else {
      throw lexer.error(
        'has a word that is not a keyword of netrc (machine, default, login, password, account, macdef)',
      );
    }
  }
  return entries;
}

/**
 * The credentials for a host: the first entry that names it, else the first `default`.
 *
 * @param hostname - as in `URL.hostname`
 */
export function findNetrc(entries: readonly NetrcEntry[], hostname: string): NetrcEntry | undefined {
  const key = hostKey(hostname);
  return entries.find(({ machine }) => machine === key) ?? entries.find(({ machine }) => machine === undefined);
}

function hostKey(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

class Lexer {
  readonly #text: string;
  readonly #name: string;
  #position = 0;

  constructor(text: string, name: string) {
    this.#text = text.replace(/^\uFEFF/, '');
    this.#name = name;
  }

  keyword(): string | undefined {
    for (;;) {
      this.#skip(SPACE);
      if (this.#text[this.#position] !== '#') return this.#match(WORD)?.toLowerCase();
      this.#skip(REST_OF_LINE);
    }
  }

  value(keyword: string): string {
    this.#skip(SPACE);
    if (this.#text[this.#position] === '"') {
      const quoted = this.#match(QUOTED);
      if (quoted === undefined) throw this.error('has a quote that is never closed');
      return quoted.slice(1, -1).replace(/\\(.)/gs, (_, escaped: string) => ESCAPES.get(escaped) ?? escaped);
    }
    const word = this.#match(WORD);
    if (word === undefined) throw this.error(`ends after "${keyword}": a value is missing`);
    return word;
  }

  /** The body of a macro ends at the first empty line. */
  skipMacro(): void {
    this.value('macdef');
    const end = /\r?\n[ \t]*\r?\n/g;
    end.lastIndex = this.#position;
    this.#position = end.exec(this.#text) === null ? this.#text.length : end.lastIndex;
  }

  error(what: string): InvalidOptionError {
    const line = this.#text.slice(0, this.#position).split('\n').length;
    return new InvalidOptionError(`The netrc file ${this.#name} ${what}, at line ${line}: correct it there.`);
  }

  #skip(pattern: RegExp): void {
    this.#match(pattern);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }
}

const SPACE = /\s+/y;
const WORD = /\S+/y;
const REST_OF_LINE = /.*/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
