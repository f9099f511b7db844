import { describe, expect, test } from 'vitest';
import { closingLines } from './closing.ts';
import { findings, SITE, visit } from './findings.fixture.ts';

const gone = { page: SITE, link: `${SITE}gone`, problem: { why: 'status', text: 'answered 404' } } as const;

describe('the last lines of a run', () => {
  test('tell what was checked and is broken, the gain, and where the report is', () => {
    const sample = { requests: 40, oneByOne: 1_200, together: 100 };
    const found = findings({ visits: [visit('/', 0, 20)], links: 1_234, broken: [gone, gone], sample });
    expect(closingLines(found, '/tmp/site-report.html')).toEqual([
      'Checked 1 page with 1,234 links in 1.00 s: 2 are broken.',
      'Gain: 40 pages one at a time took 1.20 s, 4 at a time 100 ms: 12x faster.',
      'Report: /tmp/site-report.html',
    ]);
  });

  test('leave out what was not measured or written', () => {
    expect(closingLines(findings({ links: 1 }), undefined)).toEqual([
      expect.stringMatching(/^Checked \d+ pages? with 1 link in .*: none is broken\.$/),
    ]);
    expect(closingLines(findings({ broken: [gone] }), undefined)).toEqual([expect.stringMatching(/: 1 is broken\.$/)]);
  });

  test('say that a run was interrupted', () => {
    expect(closingLines(findings({ interrupted: true }), undefined)[0]).toMatch(/^Interrupted: checked /);
  });
});
