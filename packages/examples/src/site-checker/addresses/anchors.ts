/** What a fragment can point at on a page. */

/**
 * The names of one page, kept as 32 bits each: a run holds those of every page to its end, and that a missing name is taken
 * for one that is there happens once in some ten million missing names.
 */
export class Anchors {
  /** In ascending order. */
  readonly hashes: Uint32Array;

  constructor(hashes: Uint32Array) {
    this.hashes = hashes;
  }

  static of(names: Iterable<string>): Anchors {
    return new Anchors(Uint32Array.from(new Set(names), hashOf).sort());
  }

  has(name: string): boolean {
    const wanted = hashOf(name);
    let [low, high] = [0, this.hashes.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const hash = this.hashes[middle] ?? 0;
      if (hash === wanted) return true;
      if (hash < wanted) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}

/**
 * Whether a fragment leads somewhere on a page with these anchors.
 *
 * @param fragment as in `URL.hash`, with or without its `#`
 * Source: HTML standard, 7.4.6.4 ("find a potential indicated element"), and the text fragments of WICG.
 */
export function hasAnchor(anchors: Anchors, fragment: string): boolean {
  const [raw = ''] = fragment.replace(/^#/, '').split(':~:');
  // `#/…` and `#!…` are the addresses of programs that draw their pages themselves.
  if (raw === '' || /^[/!]/.test(raw)) return true;
  const name = decoded(raw);
  if (anchors.has(raw) || anchors.has(name)) return true;
  // Sites that show what others wrote give their ids this prefix, and add it to the fragment by a script.
  if (anchors.has(`user-content-${name}`)) return true;
  return name.toLowerCase() === 'top';
}

/** Percent-decoded as the URL standard does it: a `%` that begins no escape stands for itself. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    new TextDecoder().decode(Buffer.from(run.replaceAll('%', ''), 'hex')),
  );
}

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // FNV leaves the last characters in the low bits only.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
