/* The name of a host in one spelling, so that two spellings of it are equal. */

/**
 * The name or address of a host as a URL spells it: internationalised names in ASCII, letters in lower case, numeric forms of IPv4
 * dotted; without the dot at its end and the brackets of IPv6.
 *
 * @returns undefined if no URL can have this host: for the empty name, and for text with a port, a path or white space
 *
 * Source: the URL standard, section 3.5 ("host parser").
 */
export function hostNameOf(text: string): string | undefined {
  if (PLAIN.test(text)) return text.toLowerCase().replace(/\.$/, '');
  const bracketed = text.startsWith('[') && text.endsWith(']');
  const host = text.includes(':') && !bracketed ? `[${text}]` : text;
  if (NOT_IN_HOSTS.test(text)) return undefined;
  try {
    const { hostname } = new URL(`http://${host}/`);
    return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '') || undefined;
  } catch {
    return undefined;
  }
}

// A last label that begins with a letter makes no IPv4 address of it; one that begins with "xn--" has to be looked at.
const PLAIN = /^(?:[\w-]+\.)*(?!xn--)[a-z_][\w-]*\.?$/i;
const NOT_IN_HOSTS = /[/?#@\\\s\p{Cc}]/u;
