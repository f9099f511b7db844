import { describe, expect, test } from 'vitest';
import { findings, SITE, visit } from './findings.fixture.ts';
import { renderTable } from './table.ts';

const options = { width: 80, color: false, maxBroken: 10, maxSlowest: 5 };
const gone = (page: string, link: string) => ({
  page: SITE + page,
  link: SITE + link,
  problem: { why: 'status', text: 'answered 404 Not Found' } as const,
});

describe('the report for a terminal', () => {
  test('is a table of figures, the broken links by page, and the slowest pages', () => {
    const text = renderTable(
      findings({
        visits: [visit('/', 0, 20), visit('/slow', 20, 820), visit('/gone', 5, 9, { kind: 'other', status: 404 })],
        broken: [gone('', 'gone'), gone('', 'lost'), gone('slow', 'gone#part')],
        links: 1_234,
        external: 1,
      }),
      options,
    );
    expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
      '',
      'https://site.test/',
      '┌───────┬──────────┬────────┬───────┬───────┬────────┬────────┐',
      '│ pages │ requests │  bytes │ links │ moved │ broken │   time │',
      '│     2 │        3 │ 3.0 kB │ 1,234 │     0 │      3 │ 1.00 s │',
      '└───────┴──────────┴────────┴───────┴───────┴────────┴────────┘',
      '  1 link to other sites',
      '',
      'Broken links: 3',
      '  on /',
      '    ✗ /gone                                        answered 404 Not Found',
      '    ✗ /lost                                        answered 404 Not Found',
      '  on /slow',
      '    ✗ /gone#part                                   answered 404 Not Found',
      '',
      'Slowest pages',
      '     800 ms    1.0 kB  /slow',
      '      20 ms    1.0 kB  /',
      '     4.0 ms    1.0 kB  /gone',
    ]);
  });

  test('prints only as many broken links as asked for, few of each page, and counts the rest', () => {
    const broken = ['a', 'b', 'c'].flatMap((page) =>
      Array.from({ length: 10 }, (_, index) => gone(page, `gone-${index}`)),
    );
    const text = renderTable(findings({ broken }), { ...options, maxBroken: 6 });
    expect(text.match(/✗/g)).toHaveLength(6);
    expect(text.match(/on \/[abc]$/gm)).toEqual(['on /a', 'on /b']);
    expect(text).toContain('and 6 more on this page');
    expect(text).toContain('and 8 more on this page');
    expect(text).toContain('24 of them are in the report only');
  });

  test('no line is wider than asked for, however long an address is', () => {
    const long = 'x'.repeat(500);
    const text = renderTable(findings({ visits: [visit(long, 0, 9)], broken: [gone(long, long)] }), options);
    const lines = text.split('\n').filter((line) => line.includes('x'));
    expect(lines).toHaveLength(3);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
  });

  test('fits the terminal with the largest figures, and says what a long problem is below its link', () => {
    const text =
      'answered 503 Service Unavailable, after a redirect to https://site.test/a/rather/long/way/to/go/there';
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      ...gone('', `${index}`),
      problem: { why: 'status', text } as const,
    }));
    const big = findings({
      visits: Array.from({ length: 100_000 }, () => visit('/', 0, 1, { bytes: 99_999_999, redirects: 1 })),
      broken: many,
      links: 99_999_999,
      elapsed: 5_999_000,
    });
    for (const width of [60, 80]) {
      const lines = renderTable(big, { ...options, width }).split('\n');
      for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(width);
      expect(lines.some((line) => /^ {8}answered 503/.test(line))).toBe(true);
      expect(lines.join('\n')).toContain('10,000');
    }
  });

  test('tells what refuses a link checker apart from what is broken', () => {
    const refused = { ...gone('', 'a'), problem: { why: 'refused', text: 'answered 403 Forbidden' } as const };
    const text = renderTable(findings({ broken: [refused, gone('', 'b')] }), options);
    expect(text).toMatch(/Broken links: 1\n.*\n.*\/b/);
    expect(text).toMatch(/Refused, and perhaps fine for a reader: 1\n.*\n.*\/a/);
  });

  test('sends nothing from the site to the terminal that would steer it', () => {
    const text = renderTable(
      findings({ broken: [gone('', 'a'), gone('\u{1b}]0;title\u{7}', 'b\r\u{9b}2J')] }),
      options,
    );
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('is coloured only when asked', () => {
    expect(renderTable(findings(), { ...options, color: true })).toContain('\u{1b}[');
    expect(renderTable(findings({ interrupted: true }), options)).toContain('interrupted: what was found so far');
  });
});
