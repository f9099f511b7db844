/** Workflow commands: each finding becomes an annotation of a GitHub run. */
import { type Findings, incomplete } from '../report/findings.ts';

/** Source: GitHub's documentation of workflow commands, on what is escaped in data and in properties. */
export function renderGithub(findings: Findings): string {
  const lines = findings.broken.map(({ page, link, problem }) => {
    const level = problem.why === 'refused' ? 'warning' : 'error';
    return `::${level} title=${property(`Broken link on ${page}`)}::${data(`${link} ${problem.text}`)}`;
  });
  for (const text of incomplete(findings)) lines.push(`::error title=Not all was checked::${data(text)}`);
  return lines.map((line) => `${line}\n`).join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
