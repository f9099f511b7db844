/* The Link header: RFC 8288, section 3, in one pass. */

/** The target of the first link of a relation; undefined if there is none. */
export function linkOf(header: string, relation: string): string | undefined {
  for (const link of links(header)) {
    // Another context than the page itself: section 3.2.
    if (link.anchored) continue;
    if (link.relations.includes(relation)) return link.target;
  }
  return undefined;
}

interface HeaderLink {
  readonly target: string;
  readonly relations: readonly string[];
  readonly anchored: boolean;
}

/** A target, or one part of what stands behind it: a name, perhaps with a value, as a token or in quotes. */
const PART =
  /<([^<>]*)>|;[ \t]*([^\s=;,"]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?|,|"(?:[^"\\]|\\.)*"?|[^<;,"]+|[<;]/gy;

function links(header: string): HeaderLink[] {
  const all: HeaderLink[] = [];
  let target: string | undefined;
  let parameters = new Map<string, string>();
  const end = (): void => {
    if (target !== undefined) all.push(linkFrom(target, parameters));
    target = undefined;
    parameters = new Map();
  };
  for (const [part, url, name, quoted, token] of header.matchAll(PART)) {
    if (url !== undefined) {
      end();
      target = url.trim();
    } else if (name !== undefined) {
      const lower = name.toLowerCase();
      // The first one counts: section 3.3.
      if (!parameters.has(lower)) parameters.set(lower, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
    } else if (part === ',') end();
  }
  end();
  return all;
}

function linkFrom(target: string, parameters: ReadonlyMap<string, string>): HeaderLink {
  const relations = (parameters.get('rel') ?? '').toLowerCase().split(/[ \t]+/);
  return { target, relations, anchored: parameters.has('anchor') };
}
