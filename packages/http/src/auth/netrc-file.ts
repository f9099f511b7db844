/* The text of a netrc file, read into entries, and the entry for a host. */
import { InvalidOptionError } from '../errors.ts';
import { hostNameOf } from '../request/host-name.ts';

/** One `machine` (or `default`) of a netrc file. */
export interface NetrcEntry {
  /** As in `URL.hostname`, without brackets; undefined for `default`. */
  readonly machine: string | undefined;
  readonly login: string;
  readonly password: string;
  /** What is wrong with it; it concerns those alone who need this entry. */
  readonly mistake: (() => InvalidOptionError) | undefined;
}

/**
 * Reads a netrc file.
 *
 * Tokens are separated by white space and may be quoted, with `\` escapes inside; `#` starts a comment where a keyword
 * is expected; a `macdef` ends at the next empty line and is passed over. Words that are no keywords are passed over, too: some
 * programs write their own. An entry that cannot be understood does not matter to the others.
 *
 * @param name - the file's name, for the error
 *
 * Source: the netrc(5) pages of GNU inetutils and curl.
 */
export function parseNetrc(text: string, name = '.netrc'): NetrcEntry[] {
  const entries: { -readonly [K in keyof NetrcEntry]: NetrcEntry[K] }[] = [];
  const lexer = new Lexer(text, name);
  for (let keyword = lexer.keyword(); keyword !== undefined; keyword = lexer.keyword()) {
    const open = entries.at(-1);
    if (keyword === 'macdef') lexer.skipMacro();
    else if (keyword === 'default') entries.push(entryFor(undefined));
    else if (keyword === 'machine') {
      const machine = lexer.value();
      if (typeof machine === 'string') entries.push(entryFor(hostKey(machine)));
    } else if (!KEYWORDS.has(keyword)) {
      // What is missing may hide behind a misspelt word.
      if (open !== undefined && open.password === '') open.mistake ??= lexer.mistake(UNKNOWN_WORD);
    } else {
      const value = lexer.value();
      if (open === undefined) continue;
      if (typeof value !== 'string') open.mistake = value;
      else if (keyword === 'password') open.password = value;
      else if (keyword !== 'account') open.login = value;
    }
  }
  return entries;
}

function entryFor(machine: string | undefined): NetrcEntry {
  return { machine, login: '', password: '', mistake: undefined };
}

const KEYWORDS: ReadonlySet<string> = new Set(['machine', 'default', 'login', 'user', 'password', 'account', 'macdef']);
const UNKNOWN_WORD = 'has a word that is not a keyword of netrc (machine, default, login, password, account, macdef)';

/**
 * The credentials for a host: the first entry that names it, else the first `default`.
 *
 * @param hostname - as in `URL.hostname`
 * @throws InvalidOptionError naming file and line, never what stands there, if that entry cannot be understood
 */
export function findNetrc(entries: readonly NetrcEntry[], hostname: string): NetrcEntry | undefined {
  const key = hostKey(hostname);
  const found = entries.find(({ machine }) => machine === key) ?? entries.find(({ machine }) => machine === undefined);
  if (found?.mistake !== undefined) throw found.mistake();
  return found;
}

function hostKey(host: string): string {
  return hostNameOf(host) ?? host.toLowerCase();
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

  /** The value of the keyword that was read last, or what is wrong with it. */
  value(): string | (() => InvalidOptionError) {
    const line = this.#position;
    this.#skip(SPACE);
    if (this.#text[this.#position] === '"') {
      const quoted = this.#match(QUOTED);
      if (quoted !== undefined) return unescaped(quoted.slice(1, -1));
      const mistake = this.mistake('has a quote that is never closed');
      this.#skip(REST_OF_LINE);
      return mistake;
    }
    const at = this.#position;
    const word = this.#match(WORD);
    // On the next line a keyword is one, and the value is missing.
    const isKeyword = word !== undefined && KEYWORDS.has(word.toLowerCase()) && /\n/.test(this.#text.slice(line, at));
    if (word !== undefined && !isKeyword) return word;
    this.#position = line;
    return this.mistake('has a keyword whose value is missing');
  }

  /** The body of a macro ends at the first empty line. */
  skipMacro(): void {
    this.#skip(REST_OF_LINE);
    EMPTY_LINE.lastIndex = this.#position;
    this.#position = EMPTY_LINE.exec(this.#text) === null ? this.#text.length : EMPTY_LINE.lastIndex;
  }

  /** An error for this place; its line is counted when somebody needs it. */
  mistake(what: string): () => InvalidOptionError {
    const at = this.#position;
    return () => {
      const line = this.#text.slice(0, at).split('\n').length;
      return new InvalidOptionError(`The netrc file ${this.#name} ${what}, at line ${line}: correct it there.`);
    };
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
const QUOTED = /"(?:[^"\\\n]|\\.)*"/y;
const EMPTY_LINE = /\r?\n[ \t]*\r?\n/g;

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => ESCAPES.get(escaped) ?? escaped);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
