/** Markdown to HTML with the heading ids that GitHub gives, so that the fragments in a README are the ones it was written for. */
import GithubSlugger from 'github-slugger';
import { Marked } from 'marked';

export interface RenderedMarkdown {
  readonly html: string;
  /** The text of the first heading, if there is one. */
  readonly title: string | undefined;
}

/** What is being rendered: rendering is synchronous, so there is never a second one. */
let slugger = new GithubSlugger();
let title: string | undefined;

// One for all documents: setting it up costs as much as a short document.
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

/** Renders one document; ids are unique within it. */
export function renderMarkdown(text: string): RenderedMarkdown {
  slugger = new GithubSlugger();
  title = undefined;
  const html = marked.parse(text, { async: false });
  return { html, title };
}
