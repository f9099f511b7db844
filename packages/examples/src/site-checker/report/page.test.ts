import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, test } from 'vitest';
import { findings, SITE, visit } from './findings.fixture.ts';
import { renderPage } from './page.ts';
import { SEARCH_SCRIPT_SHA256 } from './search-script.ts';

interface Element {
  readonly name: string;
  readonly attributes: Record<string, string>;
}

function elements(html: string): Element[] {
  const found: Element[] = [];
  const walk = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('attrs' in node) {
      const attributes = Object.fromEntries(
        node.attrs.map(({ prefix, name, value }) => [prefix ? `${prefix}:${name}` : name, value]),
      );
      found.push({ name: node.tagName, attributes });
    }
    if ('childNodes' in node) node.childNodes.forEach(walk);
  };
  walk(parse(html));
  return found;
}

const sample = { requests: 40, oneByOne: 1_200, together: 100 };

describe('the HTML report', () => {
  test('shows the figures, the broken links under their page and the slowest pages', () => {
    const html = renderPage(
      findings({
        visits: [visit('/', 0, 20), visit('/slow', 20, 820, { title: 'Slow & steady' })],
        broken: [{ page: SITE, link: `${SITE}gone`, problem: { why: 'status', text: 'answered 404 Not Found' } }],
        links: 12,
        external: 3,
        sample,
      }),
    );
    expect(html).toContain('<dd class="broken">1</dd>');
    expect(html).toContain('answered 404 Not Found');
    expect(html).toContain('12x faster');
    expect(html).toContain('Slow &amp; steady');
    expect(html).toContain('3 links to other sites');
  });

  test('of a run that was interrupted, or found nothing, says so', () => {
    const html = renderPage(findings({ interrupted: true }));
    expect(html).toContain('interrupted');
    expect(html).toContain('None were found.');
  });

  test('lets nothing of what a site says become code', () => {
    const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u{0}`;
    const html = renderPage(
      findings({
        visits: [visit('/', 0, 20, { title: hostile }), visit(`/?q=${hostile}`, 0, 30, { title: '</title></style>' })],
        broken: [
          {
            page: `${SITE}${hostile}`,
            link: `javascript:alert('3')//${hostile}`,
            problem: { why: 'url', text: hostile },
          },
        ],
      }),
    );
    const all = elements(html);
    expect(all.filter(({ name }) => ['img', 'iframe', 'object', 'form'].includes(name))).toEqual([]);
    expect(all.filter(({ name }) => name === 'style')).toHaveLength(1);
    expect(html.match(/<script/gi)).toHaveLength(1);
    for (const { attributes } of all) {
      expect(Object.keys(attributes).filter((key) => key.startsWith('on'))).toEqual([]);
      if (attributes.href !== undefined) expect(attributes.href).toMatch(/^https:/);
    }
    expect(html).not.toContain('\u{0}');
  });

  test('loads nothing, and forbids all scripts but its own', () => {
    const all = elements(renderPage(findings({ visits: [visit('/', 0, 20)], sample })));
    expect(all.some(({ attributes }) => attributes.src !== undefined || attributes['xlink:href'] !== undefined)).toBe(
      false,
    );
    const policy = all.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    expect(policy?.attributes.content).toContain("default-src 'none'");
    expect(policy?.attributes.content).toContain(`script-src 'sha256-${SEARCH_SCRIPT_SHA256}'`);
    expect(all.some(({ name }) => name === 'script')).toBe(false);
  });

  test('every id is there once and every reference to one leads somewhere', () => {
    const all = elements(renderPage(findings({ visits: [visit('/', 0, 20)], sample })));
    const ids = all.flatMap(({ attributes }) => (attributes.id === undefined ? [] : [attributes.id]));
    expect(new Set(ids).size).toBe(ids.length);
    const references = all.flatMap(({ attributes }) =>
      (attributes['aria-labelledby'] ?? '').split(' ').filter(Boolean),
    );
    for (const reference of references) expect(ids).toContain(reference);
  });

  test('says of every broken link what is wrong, folds many of them, and counts what it does not show', () => {
    const many = (count: number) =>
      findings({
        broken: Array.from({ length: count }, (_, index) => ({
          page: `${SITE}page-${index % 100}`,
          link: `${SITE}gone-${index % 5000}`,
          problem: index % 2 ? { why: 'status', text: 'answered 404' } : { why: 'timeout', text: 'no answer' },
        })),
      });
    const few = elements(renderPage(many(260)));
    const opened = (all: Element[]) =>
      all.filter(
        ({ name, attributes }) => name === 'details' && attributes.class?.startsWith('page ') && 'open' in attributes,
      );
    expect(opened(few)).toHaveLength(100);
    expect(few.filter(({ name }) => name === 'li').length).toBeGreaterThanOrEqual(260);
    const html = renderPage(many(21_000));
    expect(opened(elements(html))).toHaveLength(0);
    expect(html).toContain('And 1,000 more, which are in the output of --format json.');
    expect(html).toContain('id="why-timeout"');
    expect(html).toContain('id="why-status"');
    expect(html).not.toContain('id="why-fragment"');
    expect(html).toContain('5,000 addresses are broken on 3 pages or more');
  });

  test('says what was not checked', () => {
    const html = renderPage(
      findings({ unread: [`${SITE}large`], left: { excluded: 0, limit: 4, robots: 0, endless: 0 } }),
    );
    expect(html.match(/Not all was checked: /g)).toHaveLength(2);
  });
});
