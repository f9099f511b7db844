import sax from 'sax';
import { describe, expect, test } from 'vitest';
import { findings, SITE } from '../report/findings.fixture.ts';
import { FORMATS, renderFormat } from './format.ts';

const hostile = `a"'<>&\u{1b}[31m\n%,:\u{202e}`;
const found = findings({
  broken: [
    { page: SITE, link: `${SITE}gone`, problem: { why: 'status', text: 'answered 404 Not Found' } },
    { page: `${SITE}b`, link: hostile, problem: { why: 'refused', text: hostile } },
  ],
  left: { excluded: 0, limit: 3, robots: 0, endless: 0 },
});

describe('output for machines', () => {
  test('as JSON says all that was found and whether that is all', () => {
    const value = JSON.parse(renderFormat('json', found));
    expect(value.findings).toEqual([
      { page: SITE, link: `${SITE}gone`, why: 'status', text: 'answered 404 Not Found' },
      { page: `${SITE}b`, link: hostile, why: 'refused', text: hostile },
    ]);
    expect(value).toMatchObject({
      version: 1,
      sites: [SITE],
      complete: false,
      totals: { broken: 2, left: { limit: 3 } },
    });
    expect(JSON.parse(renderFormat('json', findings()))).toMatchObject({ complete: true, findings: [] });
  });

  test('as JUnit is XML in which the sums are right', () => {
    for (const [each, failures] of [
      [found, 3],
      [findings(), 0],
    ] as const) {
      const seen = { testcase: 0, failure: 0 };
      const sums: number[] = [];
      const parser = sax.parser(true);
      parser.onerror = (error) => {
        throw error;
      };
      parser.onopentag = ({ name, attributes }) => {
        if (name === 'testcase' || name === 'failure') seen[name]++;
        if (name === 'testsuites') sums.push(Number(attributes.tests), Number(attributes.failures));
      };
      parser.write(renderFormat('junit', each)).close();
      expect(seen.failure).toBe(failures);
      expect(sums).toEqual([seen.testcase, seen.failure]);
    }
  });

  test('as SARIF has a rule for each result', () => {
    const [run] = JSON.parse(renderFormat('sarif', found)).runs;
    const rules = run.tool.driver.rules.map(({ id }: { id: string }) => id);
    expect(run.results).toHaveLength(2);
    for (const { ruleId, level } of run.results) {
      expect(rules).toContain(ruleId);
      expect(level).toBe(ruleId === 'refused' ? 'warning' : 'error');
    }
    expect(run.invocations[0].toolExecutionNotifications).toHaveLength(1);
  });

  test('as workflow commands is one line each, with nothing of a site that could begin another', () => {
    const lines = renderFormat('github', found).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^::(error|warning) title=[^:,]*::./);
    expect(renderFormat('github', findings())).toBe('');
  });

  test('has a renderer for each format', () => {
    for (const format of FORMATS) if (format !== 'table') expect(renderFormat(format, findings())).toBeTypeOf('string');
  });
});
