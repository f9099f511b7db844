import { fileURLToPath } from 'node:url';
import { pythonProgram } from '../harness/python.ts';
import type { Program, Workload } from '../harness/workload.ts';
import { TARGET } from '../http/target.ts';
import { linkinatorMain, makeSiteChecker } from './checkers.ts';
import { BROKEN, PAGES } from './site.ts';

const SCRIPT = fileURLToPath(new URL('./measure.py', import.meta.url));
const python = pythonProgram(SCRIPT, 'import resource', 'resource');

/** A checker that finds every broken link of the site and prints their addresses. */
function checker(command: (address: string) => readonly string[], own: Partial<Program> = {}): Program {
  return {
    missing: python.missing,
    ...own,
    command: () => {
      const address = process.env[TARGET] ?? '';
      const [interpreter = '', script = ''] = python.command('', 0, 0);
      return [interpreter, script, address, String(BROKEN), String(PAGES), ...command(address)];
    },
  };
}

let main = '';

const coloop: Program = checker((address) => [process.execPath, main, `${address}/`, '--format', 'json'], {
  prepare: (folder) => {
    main = makeSiteChecker(folder);
  },
});

const linkinator: Program = checker((address) => [
  process.execPath,
  linkinatorMain(),
  `${address}/`,
  '--recurse',
  '--format',
  'json',
]);

/** Checkers of links beside each other. */
export const siteWorkloads: Readonly<Record<string, Workload>> = {
  crawl: {
    unit: 'page',
    about: `every link of a local site of ${PAGES.toLocaleString('en')} pages, ${BROKEN} of them broken, from the start of the program to its end`,
    count: PAGES,
    measure: 'cpu',
    baseline: 'linkinator',
    rate: { unit: 'pages', each: 1 },
    systems: {},
    programs: { coloop, linkinator },
  },
};
