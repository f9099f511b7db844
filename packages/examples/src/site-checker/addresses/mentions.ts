/** Which attributes of which elements hold an address that a browser loads or follows. */
import type { Element } from './element.ts';
import { addressOfRefresh } from './meta-refresh.ts';
import { addressesOfSrcset } from './srcset.ts';

/** One address as it is written. */
export interface Mention {
  readonly text: string;
  /** A reader gets to see the place that its fragment names; in what is only loaded, a fragment means what its type says. */
  readonly navigates: boolean;
}

interface Rule {
  /** Followed or shown as a page. */
  readonly pages?: readonly string[];
  /** Loaded for the page; nothing is loaded for an empty one. */
  readonly parts?: readonly string[];
  readonly sets?: readonly string[];
}

const BACKGROUND: Rule = { parts: ['background'] };
const HTML: Record<string, Rule> = {
  a: { pages: ['href'] },
  area: { pages: ['href'] },
  audio: { parts: ['src'] },
  body: BACKGROUND,
  embed: { parts: ['src'] },
  frame: { pages: ['src'] },
  iframe: { pages: ['src'] },
  img: { parts: ['src'], sets: ['srcset'] },
  input: { parts: ['src'] },
  link: { parts: ['href'], sets: ['imagesrcset'] },
  object: { parts: ['data'] },
  script: { parts: ['src'] },
  source: { parts: ['src'], sets: ['srcset'] },
  table: BACKGROUND,
  tbody: BACKGROUND,
  td: BACKGROUND,
  tfoot: BACKGROUND,
  th: BACKGROUND,
  thead: BACKGROUND,
  tr: BACKGROUND,
  track: { parts: ['src'] },
  video: { parts: ['src', 'poster'] },
};

/** Link relations that name no document: hints to connect, and endpoints that answer to POST only. */
const NO_DOCUMENT: ReadonlySet<string> = new Set([
  'authorization_endpoint',
  'dns-prefetch',
  'expect',
  'micropub',
  'pingback',
  'preconnect',
  'token_endpoint',
  'webmention',
]);

/** The addresses that an element holds. */
export function mentionsOf(element: Element): Mention[] {
  if (element.space === 'svg') return mentionsOfSvg(element);
  if (element.space !== 'html') return [];
  const { name } = element;
  if (name === 'meta') return mentionsOfMeta(element);
  if (name === 'input' && element.get('type')?.toLowerCase() !== 'image') return [];
  if (name === 'link' && namesNoDocument(element.get('rel') ?? '')) return [];
  const rule = Object.hasOwn(HTML, name) ? HTML[name] : undefined;
  return rule === undefined ? [] : mentionsBy(rule, element);
}

function namesNoDocument(rel: string): boolean {
  const relations = rel
    .toLowerCase()
    .split(/[\t\n\f\r ]+/)
    .filter(Boolean);
  return relations.length > 0 && relations.every((relation) => NO_DOCUMENT.has(relation));
}

function mentionsBy({ pages = [], parts = [], sets = [] }: Rule, element: Element): Mention[] {
  const found: Mention[] = [];
  const add = (text: string, navigates: boolean): void => void found.push({ text, navigates });
  for (const attribute of pages) {
    const text = element.get(attribute);
    // An iframe without an address shows nothing; a link without one leads to its own page.
    if (text !== undefined && (text !== '' || attribute === 'href')) add(text, true);
  }
  for (const attribute of parts) {
    const text = element.get(attribute);
    if (text !== undefined && text !== '') add(text, false);
  }
  for (const attribute of sets) {
    for (const text of addressesOfSrcset(element.get(attribute) ?? '')) add(text, false);
  }
  return found;
}

/** In SVG every element may refer to something by `href`; the older name counts where the newer one is missing. */
function mentionsOfSvg(element: Element): Mention[] {
  const text = element.get('href') ?? element.get('xlink:href');
  if (text === undefined) return [];
  const navigates = element.name === 'a';
  // What a drawing refers to inside its own page is a part of a picture and no place to read, and often made by a script.
  return navigates || !/^\s*(#|$)/.test(text) ? [{ text, navigates }] : [];
}

function mentionsOfMeta(element: Element): Mention[] {
  if (element.get('http-equiv')?.toLowerCase() !== 'refresh') return [];
  const text = addressOfRefresh(element.get('content') ?? '');
  return text === undefined ? [] : [{ text, navigates: true }];
}
