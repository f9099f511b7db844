/**
 * HTML as the standard tokenizes it, without a tree: what a browser repairs in the tree moves elements, and neither adds
 * nor takes away an address. Without a tree no depth of nesting costs anything.
 *
 * What the tree builder tells the tokenizer is done here: which elements hold text only, and where SVG and MathML begin
 * and end (HTML standard, 13.2.6.5).
 */
import { foreignContent, html, type Token, Tokenizer, TokenizerMode } from 'parse5';
import type { Element, ElementHandler, MarkupParser, Space } from './element.ts';

const { NS, TAG_ID, TAG_NAMES } = html;

const TEXT_ONLY = new Map<string, Tokenizer['state']>([
  [TAG_NAMES.TEXTAREA, TokenizerMode.RCDATA],
  [TAG_NAMES.TITLE, TokenizerMode.RCDATA],
  [TAG_NAMES.SCRIPT, TokenizerMode.SCRIPT_DATA],
  [TAG_NAMES.PLAINTEXT, TokenizerMode.PLAINTEXT],
  ...[TAG_NAMES.STYLE, TAG_NAMES.IFRAME, TAG_NAMES.XMP, TAG_NAMES.NOEMBED, TAG_NAMES.NOFRAMES].map(
    (name) => [name, TokenizerMode.RAWTEXT] as const,
  ),
]);

const FOREIGN = new Map([
  [TAG_ID.SVG, NS.SVG],
  [TAG_ID.MATH, NS.MATHML],
]);

/** Reads one HTML page; what a `template` holds is not part of it, unless it is a shadow tree. */
export class HtmlParser implements MarkupParser {
  readonly #tokenizer: Tokenizer;
  readonly #handler: ElementHandler;
  /** Where foreign content was entered and left, the innermost last. */
  readonly #spaces: html.NS[] = [NS.HTML];
  /** The templates around, the innermost last: whether its content is part of the page. */
  readonly #templates: boolean[] = [];
  #hidden = 0;
  #titleFound = false;
  #inTitle = false;
  #title = '';
  /** The text of the `style` that is open, as far as it is read. */
  #css: string | undefined;

  constructor(handler: ElementHandler) {
    this.#handler = handler;
    const ignore = (): void => undefined;
    this.#tokenizer = new Tokenizer(
      {},
      {
        onStartTag: (token) => this.#open(token),
        onEndTag: (token) => this.#close(token),
        onCharacter: (token) => this.#text(token.chars),
        onWhitespaceCharacter: (token) => this.#text(token.chars),
        onNullCharacter: ignore,
        onComment: ignore,
        onDoctype: ignore,
        onEof: ignore,
      },
    );
  }

  write(text: string): void {
    // Nothing is wanted of text: what stands before the next tag is passed over, and not read letter by letter.
    const begin = this.#tokenizer.state === TokenizerMode.DATA && this.#css === undefined ? text.indexOf('<') : 0;
    if (begin === -1) return;
    this.#tokenizer.write(begin === 0 ? text : text.slice(begin), false);
    this.#tokenizer.flushCurrentCharacterToken();
  }

  end(): void {
    this.#tokenizer.write('', true);
    this.#endTitle();
    this.#endStyle();
  }

  get #space(): html.NS {
    return this.#spaces.at(-1) ?? NS.HTML;
  }

  #enter(space: html.NS): void {
    this.#spaces.push(space);
    this.#tokenizer.inForeignNode = space !== NS.HTML;
  }

  #leave(): void {
    this.#spaces.pop();
    this.#tokenizer.inForeignNode = this.#space !== NS.HTML;
  }

  #leaveForeign(): void {
    while (this.#space !== NS.HTML) this.#leave();
  }

  #open(token: Token.TagToken): void {
    const space = this.#spaceOf(token);
    if (space === NS.HTML) this.#openHtml(token);
    if (this.#hidden === 0) {
      this.#handler.open(elementOf(token, space));
      if (token.tagID === TAG_ID.STYLE && space !== NS.MATHML && !token.selfClosing && isCss(token)) this.#css = '';
    }
    this.#passOverText();
  }

  /** The same inside of what was written. */
  #passOverText(): void {
    const { preprocessor, state } = this.#tokenizer;
    if (state !== TokenizerMode.DATA || this.#css !== undefined) return;
    const next = preprocessor.html.indexOf('<', preprocessor.pos + 1);
    preprocessor.pos = (next === -1 ? preprocessor.html.length : next) - 1;
  }

  /** Enters what begins with this tag, leaves what ends with it, and says to what it belongs itself. */
  #spaceOf(token: Token.TagToken): html.NS {
    const around = this.#space;
    const begun = FOREIGN.get(token.tagID);
    if (around === NS.HTML && begun === undefined) return NS.HTML;
    // Some elements of HTML end all foreign content around them.
    if (around !== NS.HTML && foreignContent.causesExit(token)) {
      this.#leaveForeign();
      return NS.HTML;
    }
    const space = begun ?? around;
    if (token.selfClosing) return space;
    if (begun !== undefined) this.#enter(begun);
    if (space === NS.SVG) foreignContent.adjustTokenSVGTagName(token);
    if (foreignContent.isIntegrationPoint(token.tagID, space, token.attrs)) this.#enter(NS.HTML);
    return space;
  }

  #openHtml(token: Token.TagToken): void {
    const mode = TEXT_ONLY.get(token.tagName);
    if (mode !== undefined) this.#tokenizer.state = mode;
    if (token.tagID === TAG_ID.TEMPLATE) {
      const isShadow = token.attrs.some(
        ({ name, value }) => name === 'shadowrootmode' && /^(open|closed)$/i.test(value),
      );
      this.#templates.push(isShadow);
      if (!isShadow) this.#hidden++;
    }
    this.#inTitle = token.tagID === TAG_ID.TITLE && !this.#titleFound && this.#hidden === 0;
    if (this.#inTitle) this.#titleFound = true;
  }

  #close(token: Token.TagToken): void {
    this.#endTitle();
    if (token.tagID === TAG_ID.STYLE) this.#endStyle();
    if (this.#space === NS.HTML) {
      const outer = this.#spaces.at(-2);
      if (outer === NS.SVG) foreignContent.adjustTokenSVGTagName(token);
      if (outer !== undefined && foreignContent.isIntegrationPoint(token.tagID, outer, token.attrs)) this.#leave();
      else if (token.tagID === TAG_ID.TEMPLATE && this.#templates.pop() === false) this.#hidden--;
    } else if (
      (token.tagID === TAG_ID.SVG && this.#space === NS.SVG) ||
      (token.tagID === TAG_ID.MATH && this.#space === NS.MATHML)
    ) {
      this.#leave();
    }
    this.#passOverText();
  }

  #text(chars: string): void {
    if (this.#inTitle) this.#title += chars;
    else if (this.#css !== undefined) this.#css += chars;
  }

  #endStyle(): void {
    const css = this.#css;
    if (css === undefined) return;
    this.#css = undefined;
    this.#handler.style(css);
  }

  #endTitle(): void {
    if (!this.#inTitle) return;
    this.#inTitle = false;
    this.#handler.title(this.#title);
  }
}

function elementOf({ tagName, attrs }: Token.TagToken, space: html.NS): Element {
  return {
    // The standard's oldest alias: an `image` is an `img`.
    name: tagName === 'image' && space === NS.HTML ? 'img' : tagName.toLowerCase(),
    space: spaceName(space),
    get: (attribute) => attrs.find(({ name }) => name === attribute)?.value,
  };
}

/** Source: HTML standard, 4.2.6: another type is no style sheet. */
function isCss({ attrs }: Token.TagToken): boolean {
  return /^(text\/css)?$/i.test(attrs.find(({ name }) => name === 'type')?.value ?? '');
}

function spaceName(space: html.NS): Space {
  if (space === NS.HTML) return 'html';
  return space === NS.SVG ? 'svg' : 'other';
}
