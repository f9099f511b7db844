/** A link in the report. */
import { type Markup, markup } from '../../shared/markup.ts';

/** Only addresses of the web become links: nothing from a site may run here. */
export function link(url: string, text: string): Markup {
  const safe = /^https?:\/\//i.test(url);
  return safe ? markup`<a href="${url}" rel="noreferrer noopener">${text}</a>` : markup`${text}`;
}
