/** One challenge of a WWW-Authenticate or Proxy-Authenticate header. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  readonly token68: string | undefined;
  /** Names in lower case; of a name given twice the first value counts. */
  readonly params: ReadonlyMap<string, string>;
}

/**
 * Reads the challenges of a WWW-Authenticate header, of which several may share a line.
 *
 * Challenges and their parameters are both separated by commas, so what follows a comma decides: a token before `=` is
 * a parameter, any other token starts the next challenge. Reading stops at the first thing that is neither; what came
 * before it counts.
 *
 * Source: RFC 9110, section 11.6.1.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  const reader = new Reader(header);
  reader.separators();
  while (!reader.done) {
    const scheme = reader.match(TOKEN);
    if (scheme === undefined) break;
    const challenge = readChallenge(scheme.toLowerCase(), reader);
    if (challenge === undefined) break;
    challenges.push(challenge);
    reader.separators();
  }
  return challenges;
}

function readChallenge(scheme: string, reader: Reader): Challenge | undefined {
  const params = new Map<string, string>();
  if (reader.match(SPACES) === undefined) return { scheme, token68: undefined, params };
  const token68 = reader.match(TOKEN68);
  if (token68 !== undefined) return { scheme, token68, params };
  for (;;) {
    reader.separators();
    const name = reader.match(PARAM_NAME);
    if (name === undefined) break;
    const value = reader.match(TOKEN) ?? reader.quoted();
    if (value === undefined) return undefined;
    const key = name.slice(0, name.search(/[ \t=]/)).toLowerCase();
    if (!params.has(key)) params.set(key, value);
    reader.match(SPACES);
    if (!reader.done && !reader.at(',')) return undefined;
  }
  return { scheme, token68: undefined, params };
}

// Sticky, so that matching never looks back over what was read: the time is linear in the length of a hostile header.
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const SPACES = /[ \t]+/y;
const SEPARATORS = /[ \t,]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const PARAM_NAME = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=[ \t]*/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/y;

class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#position >= this.#text.length;
  }

  at(character: string): boolean {
    return this.#text[this.#position] === character;
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  separators(): void {
    this.match(SEPARATORS);
  }

  quoted(): string | undefined {
    return this.match(QUOTED)?.slice(1, -1).replace(/\\(.)/g, '$1');
  }
}
