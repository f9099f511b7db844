/** A test report: each page with broken links is a suite, each broken link a test that failed. */
import { type Findings, incomplete, linksByPage } from '../report/findings.ts';

/** Source: the schema that Jenkins and GitLab read. */
export function renderJunit(findings: Findings): string {
  const suites = [...linksByPage(findings.broken)].map(([page, links]) => {
    const cases = links.map(
      ({ link, problem }) =>
        `    <testcase classname="${xml(page)}" name="${xml(link)}"><failure type="${problem.why}" message="${xml(problem.text)}"/></testcase>\n`,
    );
    return suite(page, links.length, links.length, cases.join(''));
  });
  const problems = incomplete(findings);
  const whole = [
    problems.length === 0
      ? `    <testcase classname="${xml(findings.site)}" name="everything was checked"/>\n`
      : problems
          .map(
            (text) =>
              `    <testcase classname="${xml(findings.site)}" name="everything was checked"><failure type="incomplete" message="${xml(text)}"/></testcase>\n`,
          )
          .join(''),
  ].join('');
  suites.push(suite(findings.site, Math.max(1, problems.length), problems.length, whole));
  const failures = findings.broken.length + problems.length;
  const tests = findings.broken.length + Math.max(1, problems.length);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="site check" tests="${tests}" failures="${failures}" time="${(findings.elapsed / 1000).toFixed(3)}">
${suites.join('')}</testsuites>
`;
}

function suite(name: string, tests: number, failures: number, cases: string): string {
  return `  <testsuite name="${xml(name)}" tests="${tests}" failures="${failures}">\n${cases}  </testsuite>\n`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Characters that XML 1.0 does not have at all are shown as what is missing. */
function xml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\u{fffe}\u{ffff}]/gu, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
