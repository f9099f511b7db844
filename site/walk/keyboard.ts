/** Whether a reader without a mouse gets to the text, to the search, and from there to a page. */
import type { Browser } from 'playwright';

export async function keyboardProblems(browser: Browser, origin: string): Promise<string[]> {
  const problems: string[] = [];
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${origin}/services.html`, { waitUntil: 'networkidle' });
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement?.getAttribute('href'));
  if (first !== '#VPContent') problems.push(`the first stop is ${first}, not the link to the content`);
  await page.keyboard.press('Control+k');
  await page.locator('#localsearch-input').fill('cancellation');
  await page.locator('#localsearch-list a').first().waitFor();
  await page.keyboard.press('Enter');
  const left = await page
    .waitForURL((url) => !url.pathname.startsWith('/services'), { timeout: 10_000 })
    .then(
      () => true,
      () => false,
    );
  if (!left) problems.push('Enter in the search opens no page');
  await page.close();
  return problems;
}
