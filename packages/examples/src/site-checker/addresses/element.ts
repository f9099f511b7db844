/** An element as both parsers see it. */

/** Which language an element belongs to; anything else does not concern a link checker. */
export type Space = 'html' | 'svg' | 'other';

export interface Element {
  /** In lower case, as HTML compares names. */
  readonly name: string;
  readonly space: Space;
  /** The value of an attribute, by its name in lower case. */
  get(attribute: string): string | undefined;
}

/** Is told what stands on a page, in its order. */
export interface ElementHandler {
  open(element: Element): void;
  /** The text of the first `title`. */
  title(text: string): void;
  /** The CSS in a `style` element. */
  style(css: string): void;
}

/** Reads a page that comes in chunks. */
export interface MarkupParser {
  write(text: string): void;
  end(): void;
}
