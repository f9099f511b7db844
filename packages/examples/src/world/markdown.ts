/** Markdown to HTML with the heading ids that GitHub gives, so that the fragments in a README are the ones it was written for. */
import GithubSlugger from 'github-slugger';
import { Marked } from 'marked';

export interface RenderedMarkdown {
  readonly html: string;
  /** The text of the first heading, if there is one. */
  readonly title: string | undefined;
}

/** Renders one document; ids are unique within it. */
export function renderMarkdown(text: string): RenderedMarkdown {
  const slugger = new GithubSlugger();
  let title: string | undefined;
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const plain = this.parser.parseInline(tokens, this.parser.textRenderer).trim();
        title ??= plain === '' ? undefined : plain;
        return `<h${depth} id="${slugger.slug(plain)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
    },
  });
  return { html: marked.parse(text, { async: false }), title };
}
