/* Secrets in the parameters of URLs, however deep one URL is in another: found in one pass over the text. */
import { REDACTED } from '../inspect.ts';

/**
 * Where a value ends apart from `&` and `#`. A header that is a URL is one to its end; a text goes on after it, and Link
 * writes its URLs in angle brackets.
 */
export type UrlsIn = 'text' | 'header' | 'link';

const ENDS: Readonly<Record<UrlsIn, RegExp>> = { text: /[\s"'<>]/, header: /(?!)/, link: />/ };

/** What divides a URL, as it is and percent-encoded, once or more often: an address that is a parameter of another is so. */
const DIVIDER = /[?&#;=@/\s"'<>]|%(?:25)*(?:3f|26|23|3b|3d|40|2f)/gi;

const SHOWN = encodeURIComponent(REDACTED);
/** No secret parameter is called by more. */
const LONGEST_NAME = 200;

/**
 * Takes the values of secret parameters out of all URLs in a text, and the userinfo of percent-encoded ones.
 *
 * The value of a secret ends where its own URL goes on, and not at what may be a part of it: some servers divide parameters
 * by `;`, and others take it as a character.
 */
export function redactParameters(text: string, urls: UrlsIn, isSecret: (name: string) => boolean): string {
  let shown = '';
  /** What is before this is decided. */
  let from = 0;
  /** Behind the last divider: where a name may begin. */
  let start = 0;
  /** Behind two slashes, where userinfo may be. */
  let host = -1;
  let afterSlash = -1;
  /** How often the `=` of the secret was encoded whose value goes on here. */
  let secret = -1;
  for (const { 0: token, index } of text.matchAll(DIVIDER)) {
    const depth = token.length >> 1;
    const divider = depth === 0 ? token : String.fromCharCode(Number.parseInt(token.slice(-2), 16));
    const next = index + token.length;
    if (secret !== -1) {
      const ends = divider === '&' || divider === '#' ? depth <= secret : depth === 0 && ENDS[urls].test(divider);
      if (!ends) continue;
      secret = -1;
      from = index;
    }
    if (divider === '=' && isSecret(nameOf(text.slice(start, index)))) {
      shown += text.slice(from, next) + SHOWN;
      secret = depth;
    } else if (divider === '@' && host !== -1) {
      shown += text.slice(from, host);
      from = next;
    }
    if (divider === '/') {
      host = afterSlash === index ? next : -1;
      afterSlash = next;
    } else if (divider !== '@' && divider !== ';' && divider !== '=' && divider !== '&') host = -1;
    start = next;
  }
  return secret === -1 ? shown + text.slice(from) : shown;
}

function nameOf(text: string): string {
  if (text.length > LONGEST_NAME) return '';
  let name = text.replaceAll('+', ' ');
  try {
    for (let decoded = decodeURIComponent(name); decoded !== name; decoded = decodeURIComponent(name)) name = decoded;
  } catch {
    // What is left is compared as it is.
  }
  return name;
}
