/** The report as one HTML file: nothing is loaded from anywhere, everything from the site is escaped, and all but the search works without a script. */

import { type Content, type Markup, markup, trusted } from '../../shared/markup.ts';
import { FILTER_STYLE, renderBrokenLinks } from './broken-links.ts';
import { type Findings, incomplete, notes, slowest, totals, type Visit } from './findings.ts';
import { addressOn, bytes, count, duration, factor, plural } from './format.ts';
import { link } from './page-link.ts';
import { SEARCH_SCRIPT, SEARCH_SCRIPT_SHA256 } from './search-script.ts';
import { STYLE } from './style.ts';
import { outcomeOf, renderTimeline, slowFrom } from './timeline.ts';

const MAX_ROWS = 5000;
const SLOWEST = 12;
const EDGES = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
// `unsafe-inline` is for our own style sheet; all scripts but our own, pictures and requests of any kind stay forbidden.
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${SEARCH_SCRIPT_SHA256}'; base-uri 'none'; form-action 'none'`;

/** The whole file. */
export function renderPage(findings: Findings): string {
  const address = (url: string): string => addressOn(findings.site, url);
  const host = new URL(findings.site).host;
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="referrer" content="no-referrer">
<title>Site check of ${host}</title><style>${trusted(STYLE + FILTER_STYLE)}</style></head>
<body><main>
<header><p class="kicker">Site check, ${findings.date.toISOString().replace('T', ' ').slice(0, 16)} UTC</p>
<h1>${host}</h1>${findings.interrupted && markup`<p><span class="flag">interrupted: what was found so far</span></p>`}${findings.sites.slice(1).map((site) => markup`<p class="note">and ${site}</p>`)}</header>
${shortfalls(findings)}
${figures(findings)}
${renderBrokenLinks(findings, address)}
<section aria-labelledby="timeline"><h2 id="timeline">Every request, as it happened</h2>
<p class="note">Each row is one of the ${findings.concurrency} places at which a request can be; time runs from left to right. Point at a bar to read it.</p>
${legend()}
<div class="scroll" tabindex="0" role="group" aria-label="Timeline, scrolls sideways">${renderTimeline(findings.visits, { elapsed: findings.elapsed, address })}</div></section>
<div class="pair">${gain(findings)}${answerTimes(findings.visits)}</div>

${slowestPages(findings, address)}
${allRequests(findings, address)}
<footer>Made by the site checker of coloop.</footer>
</main>${findings.broken.length > 0 && markup`<script>${trusted(SEARCH_SCRIPT)}</script>`}</body></html>
`;
  return page.toString();
}

/** What must not be overlooked. */
function shortfalls(findings: Findings): Markup[] {
  return incomplete(findings).map((text) => markup`<p class="shortfall">Not all was checked: ${text}.</p>`);
}

function figures(findings: Findings): Markup {
  const sum = totals(findings);
  const cells: [label: string, value: string, tone?: string][] = [
    ['Pages', count(sum.pages)],
    ['Requests', count(sum.requests)],
    ['Read', bytes(sum.bytes)],
    ['Links', count(findings.links)],
    ['Redirected', count(sum.redirected)],
    ['Broken links', count(sum.broken), sum.broken > 0 ? 'broken' : 'fine'],
    ['Time', duration(findings.elapsed)],
    ['Per second', count(sum.perSecond)],
  ];
  const more = notes(findings);
  return markup`<dl class="figures">${cells.map(
    ([label, value, tone]) => markup`<div><dt>${label}</dt><dd class="${tone}">${value}</dd></div>`,
  )}</dl>${more.length > 0 && markup`<p class="note">${more.join(', ')}.</p>`}`;
}

function legend(): Markup {
  const key = (outcome: string, text: string): Markup =>
    markup`<li><svg width="22" height="10" aria-hidden="true" class="bar ${outcome}"><rect class="wait" width="22" height="10" rx="2"/>${outcome !== 'broken' && markup`<rect class="body" x="14" width="8" height="10" rx="2"/>`}</svg>${text}</li>`;
  return markup`<ul class="legend">${key('fine', 'fine')}${key('redirected', 'redirected')}${key('slow', 'slow')}${key('broken', 'broken (hatched)')}
<li><svg width="22" height="10" aria-hidden="true" class="bar fine"><rect class="setup" y="4" width="22" height="2"/></svg>waits for a connection</li>
<li><svg width="22" height="10" aria-hidden="true" class="bar fine"><rect class="wait" width="22" height="10" rx="2"/></svg>waits for the answer</li>
<li><svg width="22" height="10" aria-hidden="true" class="bar fine"><rect class="body" width="22" height="10" rx="2"/></svg>the body comes</li></ul>`;
}

function gain({ sample, concurrency }: Findings): Content {
  if (sample === undefined) return undefined;
  const { requests, oneByOne, together } = sample;
  const meter = (label: string, ms: number, tone: string): Markup =>
    markup`<div class="meter ${tone}"><b>${label}: ${duration(ms)}</b><span style="width:${((100 * ms) / Math.max(oneByOne, together)).toFixed(1)}%"></span></div>`;
  return markup`<section aria-labelledby="gain"><h2 id="gain">What doing it together gains</h2>
<p class="big">${factor(oneByOne / together)} faster</p>
<p class="note">${plural(requests, 'page')} of this site, asked for in both ways at the end of the run.</p>
${meter('One at a time', oneByOne, 'plain')}${meter(`${concurrency} at a time`, together, '')}</section>`;
}

function answerTimes(visits: readonly Visit[]): Content {
  const took = visits.filter((visit) => visit.problem === undefined).map((visit) => visit.endedAt - visit.startedAt);
  if (took.length === 0) return undefined;
  took.sort((a, b) => a - b);
  const bins = [...EDGES, Number.POSITIVE_INFINITY].map((edge, index) => ({
    label: edge === Number.POSITIVE_INFINITY ? `> ${edgeLabel(EDGES.at(-1) ?? 0)}` : `≤ ${edgeLabel(edge)}`,
    size: took.filter((ms) => ms <= edge && ms > (EDGES[index - 1] ?? -1)).length,
  }));
  while ((bins.at(-1)?.size ?? 1) === 0) bins.pop();
  while ((bins[0]?.size ?? 1) === 0) bins.shift();
  const most = Math.max(...bins.map((bin) => bin.size));
  const at = (part: number): string => duration(took[Math.min(took.length - 1, Math.floor(part * took.length))] ?? 0);
  return markup`<section aria-labelledby="times"><h2 id="times">How long answers took</h2>
<p class="note">Half of them at most ${at(0.5)}, nine in ten at most ${at(0.9)}, the slowest ${at(1)}.</p>
<ul class="histogram">${bins.map(
    (bin) =>
      markup`<li>${count(bin.size)}<span style="height:${((62 * bin.size) / most).toFixed(1)}%"></span><em>${bin.label}</em></li>`,
  )}</ul></section>`;
}

function edgeLabel(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function slowestPages(findings: Findings, address: (url: string) => string): Content {
  const visits = slowest(findings, SLOWEST);
  if (visits.length === 0) return undefined;
  return markup`<section aria-labelledby="slowest"><h2 id="slowest">Slowest pages</h2>
<div class="scroll" tabindex="0" role="group" aria-labelledby="slowest"><table>
<thead><tr><th scope="col" class="number">Took</th><th scope="col" class="number">Size</th><th scope="col">Page</th></tr></thead>
<tbody>${visits.map(
    (visit) =>
      markup`<tr><td class="number">${duration(visit.endedAt - visit.startedAt)}</td><td class="number">${bytes(visit.bytes)}</td><td class="address">${link(visit.url, address(visit.url))}${visit.title !== undefined && markup`<br><bdi class="note">${visit.title}</bdi>`}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function allRequests(findings: Findings, address: (url: string) => string): Markup {
  const slow = slowFrom(findings.visits);
  const rows = findings.visits.slice(0, MAX_ROWS).map(
    (visit) =>
      markup`<tr><td class="number">${duration(visit.startedAt)}</td><td class="number">${duration(visit.endedAt - visit.startedAt)}</td><td class="number">${bytes(visit.bytes)}</td><td class="${visit.problem && 'problem'}">${visit.problem?.text ?? `${visit.status ?? ''} ${outcomeOf(visit, slow)}`}</td><td class="address">${link(visit.url, address(visit.url))}</td></tr>
`,
  );
  const hidden = findings.visits.length - rows.length;
  return markup`<section><details><summary>All ${plural(findings.visits.length, 'request')}</summary>
<div class="scroll" tabindex="0" role="group" aria-label="All requests"><table>
<thead><tr><th scope="col" class="number">Start</th><th scope="col" class="number">Took</th><th scope="col" class="number">Size</th><th scope="col">Outcome</th><th scope="col">Address</th></tr></thead>
<tbody>${rows}</tbody></table></div>${hidden > 0 && markup`<p class="note">And ${count(hidden)} more.</p>`}</details></section>`;
}
