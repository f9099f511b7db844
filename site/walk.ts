// Walks the built site in Chromium, and fails for what a reader would stumble over.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { pages } from './pages.ts';
import { serve } from './serve.ts';
import { axeViolations } from './walk/axe.ts';
import { keyboardProblems } from './walk/keyboard.ts';
import { brokenLinks } from './walk/links.ts';
import { searchMisses } from './walk/search.ts';
import { firstPageSize } from './walk/size.ts';
import { unreadable } from './walk/width.ts';

const MOST_OF_FIRST_PAGE = 100 * 1024;
/** Problems of one check that are told. */
const MOST_TOLD = 30;
/** One page of each kind. */
const KINDS = [
  'index',
  'zh/index',
  'services',
  'zh/services',
  'errors',
  'examples/hello',
  'reference/@coloop/core/functions/gather',
];

interface Check {
  readonly name: string;
  readonly run: (browser: Browser, origin: string) => Promise<readonly string[]>;
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
}

/** Prints what each check found; 0 if that is nothing. */
export async function walk(dist: string): Promise<number> {
  const { server, port } = await serve(dist, 0);
  const browser = await launch();
  const origin = `http://127.0.0.1:${port}`;
  const size = firstPageSize(dist);
  const guides = pages().filter(({ file }) => file.startsWith('docs/') && !file.startsWith('docs/decisions/'));
  const checks: readonly Check[] = [
    { name: 'no dead link', run: async () => brokenLinks(dist) },
    {
      name: `the first page weighs ${Math.round(size / 1024)} KB of at most 100`,
      run: async () => (size > MOST_OF_FIRST_PAGE ? ['take something out of it'] : []),
    },
    {
      name: 'readable at 390 px and at a desk, with no request to another host',
      run: (browser, origin) => unreadable(browser, origin, KINDS),
    },
    {
      name: 'no violation that axe finds, light and dark',
      run: (browser, origin) => axeViolations(browser, origin, KINDS),
    },
    { name: 'by keyboard alone', run: keyboardProblems },
    {
      name: 'the search finds each guide',
      run: (browser, origin) => searchMisses(browser, origin, guides.map(titled)),
    },
  ];
  let failures = 0;
  for (const { name, run } of checks) {
    const problems = await run(browser, origin);
    failures += problems.length;
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'}  ${name}`);
    for (const problem of problems.slice(0, MOST_TOLD)) console.log(`        ${problem}`);
    if (problems.length > MOST_TOLD) console.log(`        and ${problems.length - MOST_TOLD} more`);
  }
  await browser.close();
  server.close();
  return failures === 0 ? 0 : 1;

  function titled({ route }: { readonly route: string }): { route: string; title: string } {
    const text = readFileSync(join(dist, `${route}.md`), 'utf8');
    return { route, title: (/^# (.*)$/m.exec(text)?.[1] ?? '').replace(/[`\\]/g, '') };
  }
}
