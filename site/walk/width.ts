/** Pages that cannot be read on a phone, or that ask another host for something. */
import type { Browser, Page } from 'playwright';

const SIZES = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];

export async function unreadable(browser: Browser, origin: string, routes: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  for (const viewport of SIZES) {
    const page = await browser.newPage({ viewport });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) {
        problems.push(`${page.url()} asks ${request.url()}`);
      }
    });
    page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`));
    for (const route of routes) {
      await page.goto(`${origin}/${route}.html`, { waitUntil: 'networkidle' });
      problems.push(...(await tooWide(page)).map((what) => `${route} at ${viewport.width} px: ${what}`));
    }
    await page.close();
  }
  return problems;
}

/** The page does not scroll sideways, and its text is not tiny. Code and tables may scroll by themselves. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const text = document.querySelector('.vp-doc p, .vp-doc td, .vp-doc code, .VPHero .tagline');
    const size = text === null ? 0 : Number.parseFloat(getComputedStyle(text).fontSize);
    return [
      ...(scrollWidth > clientWidth ? [`it is ${scrollWidth} px wide`] : []),
      ...(size < 13 ? [`its text has ${size} px`] : []),
    ];
  });
}
