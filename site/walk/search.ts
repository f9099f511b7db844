/** Guides that the search does not find by their own title. */
import type { Browser } from 'playwright';

export interface Titled {
  readonly route: string;
  readonly title: string;
}

async function missesOf(browser: Browser, start: string, guides: readonly Titled[]): Promise<string[]> {
  const misses: string[] = [];
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(start, { waitUntil: 'networkidle' });
  await page.keyboard.press('Control+k');
  const input = page.locator('#localsearch-input');
  for (const { route, title } of guides) {
    await input.fill(title);
    const found = page.locator(`#localsearch-list a[href^="/${route}"]`).first();
    const isFound = await found.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    );
    if (!isFound) misses.push(`'${title}' does not find ${route}`);
  }
  await page.close();
  return misses;
}

export async function searchMisses(browser: Browser, origin: string, guides: readonly Titled[]): Promise<string[]> {
  const isChinese = ({ route }: Titled): boolean => route.startsWith('zh/');
  return [
    ...(await missesOf(
      browser,
      `${origin}/guides.html`,
      guides.filter((guide) => !isChinese(guide)),
    )),
    ...(await missesOf(browser, `${origin}/zh/guides.html`, guides.filter(isChinese))),
  ];
}
