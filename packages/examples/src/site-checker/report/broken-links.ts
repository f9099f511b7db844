/**
 * The broken links in the HTML report: by page, to be folded, and to be filtered by what is wrong, without any script; with
 * one, to be searched.
 */
import { type Content, type Markup, markup, trusted } from '../../shared/markup.ts';
import { type BrokenLink, type Findings, linksByPage, type Why } from './findings.ts';
import { count, linkOn, plural } from './format.ts';
import { link } from './page-link.ts';

/** What is read to the end without folding anything open. */
const UNFOLDED = 300;
/** More than this makes the file heavy for a phone. */
const MOST = 20_000;
/** An address is told apart when it is broken on this many pages. */
const FREQUENT = 3;
const MOST_FREQUENT = 20;

const LABELS: Record<Why, string> = {
  status: 'error status',
  refused: 'refused',
  fragment: 'no such place',
  timeout: 'too slow',
  redirects: 'redirects',
  connection: 'no connection',
  truncated: 'cut off',
  unreadable: 'unreadable',
  url: 'no address',
};

/**
 * What the filter hides: rules for each kind, so that it needs no script. Siblings, and not `:has`, which takes a browser
 * minutes over ten thousand links.
 */
export const FILTER_STYLE = Object.keys(LABELS)
  .map(
    (why) =>
      `#why-${why}:checked~.links li:not(.${why}),#why-${why}:checked~.links details:not(.has-${why}){display:none}`,
  )
  .join('\n')
  .concat(
    `\n${['all', ...Object.keys(LABELS)].map((why) => `#why-${why}:checked~.filter [for=why-${why}]`).join(',')}{border-color:var(--link);background:var(--ground);color:var(--link)}`,
    `\n${['all', ...Object.keys(LABELS)].map((why) => `#why-${why}:focus-visible~.filter [for=why-${why}]`).join(',')}{outline:2px solid var(--link)}`,
  );

export function renderBrokenLinks(findings: Findings, address: (url: string) => string): Markup {
  const { broken } = findings;
  if (broken.length === 0) {
    return markup`<section aria-labelledby="broken"><h2 id="broken">Broken links</h2><p>None were found.</p></section>`;
  }
  const shown = broken.slice(0, MOST);
  const pages = linksByPage(shown);
  const groups = [...pages].map(([page, links]) =>
    pageGroup(findings.site, page, links, address, shown.length <= UNFOLDED),
  );
  const hidden = broken.length - shown.length;
  return markup`<section aria-labelledby="broken" id="findings"><h2 id="broken">Broken links</h2>
<p class="note">${plural(broken.length, 'link')} on ${plural(pages.size, 'page')}, under the page that holds them.</p>
${filter(broken)}
<p class="search" hidden><label>Search <input type="search" id="search" autocomplete="off" spellcheck="false"></label> <output id="found" for="search"></output></p>
<div class="links">${frequent(broken, address)}
${groups}</div>${hidden > 0 && markup`<p class="note">And ${count(hidden)} more, which are in the output of --format json.</p>`}</section>`;
}

function filter(broken: readonly BrokenLink[]): Content {
  const sums = new Map<Why, number>();
  for (const { problem } of broken) sums.set(problem.why, (sums.get(problem.why) ?? 0) + 1);
  if (sums.size < 2) return undefined;
  const kinds = (Object.keys(LABELS) as Why[]).filter((why) => sums.has(why));
  const choices = [
    { why: 'all', label: 'all', sum: broken.length },
    ...kinds.map((why) => ({ why, label: LABELS[why], sum: sums.get(why) ?? 0 })),
  ];
  return markup`${choices.map(
    ({ why }) =>
      markup`<input class="why" type="radio" name="why" id="why-${why}"${why === 'all' && trusted(' checked')}>`,
  )}<p class="filter" role="group" aria-label="Show">${choices.map(
    ({ why, label, sum }) => markup`<label for="why-${why}">${label} <b>${count(sum)}</b></label>`,
  )}</p>`;
}

/** One link in the frame of a site is broken on each of its pages: it is mended once. */
function frequent(broken: readonly BrokenLink[], address: (url: string) => string): Content {
  const pages = new Map<string, { readonly example: BrokenLink; count: number }>();
  for (const example of broken) {
    const known = pages.get(example.link);
    if (known === undefined) pages.set(example.link, { example, count: 1 });
    else known.count++;
  }
  const most = [...pages.values()].filter((entry) => entry.count >= FREQUENT).sort((a, b) => b.count - a.count);
  if (most.length === 0) return undefined;
  return markup`<details class="frequent ${kindsOf(most.map(({ example }) => example))}"><summary>${plural(most.length, 'address is', 'addresses are')} broken on ${FREQUENT} pages or more</summary>
<ol>${most
    .slice(0, MOST_FREQUENT)
    .map(
      ({ example, count: times }) =>
        markup`<li class="${example.problem.why}">${link(example.link, address(example.link))} <span class="problem">${example.problem.text}</span> <b>${count(times)}</b></li>`,
    )}</ol></details>`;
}

function pageGroup(
  site: string,
  page: string,
  links: readonly BrokenLink[],
  address: (url: string) => string,
  open: boolean,
): Markup {
  const rows = links.map(
    ({ link: url, problem }) =>
      markup`<li class="${problem.why}">${link(url, linkOn(site, page, url))} <span class="problem">${problem.text}</span></li>
`,
  );
  return markup`<details class="page ${kindsOf(links)}"${open && trusted(' open')}><summary>${link(page, address(page))} <b>${count(links.length)}</b></summary><ul>${rows}</ul></details>
`;
}

/** For the filter: the kinds that a group has. */
function kindsOf(links: readonly BrokenLink[]): string {
  return [...new Set(links.map(({ problem }) => `has-${problem.why}`))].join(' ');
}
