/** Static Analysis Results Interchange Format 2.1.0, as code scanners read it. */
import { type Findings, incomplete, type Why } from '../report/findings.ts';

const RULES: Record<Why, string> = {
  connection: 'The host of the link cannot be reached',
  fragment: 'The page has no such place',
  redirects: 'The link redirects without end',
  refused: 'The address does not answer a link checker',
  status: 'The address answers with an error',
  timeout: 'The address does not answer in time',
  truncated: 'The page does not come whole',
  unreadable: 'The page cannot be read',
  url: 'The link is not an address',
};

export function renderSarif(findings: Findings): string {
  const notes = incomplete(findings).map((text) => ({ level: 'warning', message: { text } }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'coloop site checker',
            rules: Object.entries(RULES).map(([id, text]) => ({ id, shortDescription: { text } })),
          },
        },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: notes }],
        results: findings.broken.map(({ page, link, problem }) => ({
          ruleId: problem.why,
          level: problem.why === 'refused' ? 'warning' : 'error',
          message: { text: `${link}: ${problem.text}` },
          locations: [{ physicalLocation: { artifactLocation: { uri: page } } }],
          partialFingerprints: { link: `${page} ${link}` },
        })),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}
