/** XHTML as XML: names keep their case, `/>` closes everything, and there is no text that hides markup but CDATA. */
import sax from 'sax';
import type { ElementHandler, MarkupParser, Space } from './element.ts';

const SPACES: Record<string, Space> = {
  'http://www.w3.org/1999/xhtml': 'html',
  'http://www.w3.org/2000/svg': 'svg',
};
const XLINK = 'http://www.w3.org/1999/xlink';

/** Reads one XHTML page; a mistake in it does not end the reading, so that the links behind it are seen too. */
export class XmlParser implements MarkupParser {
  readonly #parser: sax.SAXParser;
  #titleFound = false;
  #inTitle = false;
  #title = '';
  #hidden = 0;
  #css: string | undefined;

  constructor(handler: ElementHandler) {
    const parser = sax.parser(true, { xmlns: true, position: false });
    this.#parser = parser;
    parser.onerror = () => {
      // Forgotten and gone on.
      parser.resume();
    };
    parser.onopentag = (tag) => {
      const { local, uri, attributes } = tag as sax.QualifiedTag;
      const space = SPACES[uri] ?? 'other';
      if (space === 'html' && local === 'template') this.#hidden++;
      this.#inTitle = space === 'html' && local === 'title' && !this.#titleFound && this.#hidden === 0;
      if (this.#inTitle) this.#titleFound = true;
      if (this.#hidden > 0) return;
      const values = new Map<string, string>();
      for (const { name, local: short, uri: of, value } of Object.values(attributes)) {
        values.set(of === XLINK ? `xlink:${short}` : name, value);
      }
      handler.open({ name: local, space, get: (attribute) => values.get(attribute) });
      if (local === 'style' && space !== 'other' && /^(text\/css)?$/i.test(values.get('type') ?? '')) this.#css = '';
    };
    parser.onclosetag = (name) => {
      if (/^(\w+:)?template$/.test(name) && this.#hidden > 0) this.#hidden--;
      if (/^(\w+:)?style$/.test(name) && this.#css !== undefined) {
        handler.style(this.#css);
        this.#css = undefined;
      }
      if (!this.#inTitle) return;
      this.#inTitle = false;
      handler.title(this.#title);
    };
    parser.ontext = (text) => {
      if (this.#inTitle) this.#title += text;
      else if (this.#css !== undefined) this.#css += text;
    };
    parser.oncdata = (text) => {
      if (this.#css !== undefined) this.#css += text;
    };
  }

  write(text: string): void {
    this.#parser.write(text);
  }

  end(): void {
    this.#parser.close();
  }
}
