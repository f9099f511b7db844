/** What axe finds on pages, in the light and in the dark. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Browser } from 'playwright';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function axeViolations(browser: Browser, origin: string, routes: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 800 } });
    for (const route of routes) {
      await page.goto(`${origin}/${route}.html`, { waitUntil: 'networkidle' });
      await page.evaluate(SOURCE);
      const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
      problems.push(
        ...violations.map(
          ({ id, nodes }) =>
            `${route}, ${colorScheme}: ${id}, ${nodes.length} times, first at ${nodes[0]?.target.join(' ')}`,
        ),
      );
    }
    await page.close();
  }
  return problems;
}
