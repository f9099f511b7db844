/** The forms in which other programs read what was found. */
import type { Findings } from '../report/findings.ts';
import { renderGithub } from './github.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderSarif } from './sarif.ts';

export const FORMATS = ['table', 'json', 'junit', 'sarif', 'github'] as const;

export type Format = (typeof FORMATS)[number];

const RENDERERS: Record<Exclude<Format, 'table'>, (findings: Findings) => string> = {
  json: renderJson,
  junit: renderJunit,
  sarif: renderSarif,
  github: renderGithub,
};

/** The whole output, with a line end after the last line. */
export function renderFormat(format: Exclude<Format, 'table'>, findings: Findings): string {
  return RENDERERS[format](findings);
}
