import { afterEach, describe, expect, test } from 'vitest';
import { contrast } from './contrast.fixture.ts';
import { findings, SITE, visit } from './findings.fixture.ts';
import { renderPage } from './page.ts';

const HOSTILE = `"><script>parent.postMessage('ran','*')</script><img src=x onerror="parent.postMessage('ran','*')">`;

const visits = Array.from({ length: 200 }, (_, index) =>
  visit(
    `/${'page'.repeat(12)}-${index}`,
    Math.floor(index / 10) * 40,
    Math.floor(index / 10) * 40 + 20 + (index % 17),
    {
      title: index === 3 ? HOSTILE : `Page ${index}`,
      phases: { setup: 2, wait: 12, body: 5 },
      ...(index % 9 === 0 && { problem: { why: 'status', text: 'answered 404 Not Found' } as const }),
    },
  ),
);

const REPORT = renderPage(
  findings({
    visits,
    broken: [{ page: SITE, link: `${SITE}${HOSTILE}`, problem: { why: 'status', text: HOSTILE } }],
    sample: { requests: 40, oneByOne: 1_200, together: 100 },
  }),
);

async function open(width: number): Promise<Document> {
  const frame = document.createElement('iframe');
  frame.style.cssText = `width:${width}px;height:800px;border:0`;
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  frame.srcdoc = REPORT;
  document.body.append(frame);
  await loaded;
  if (frame.contentDocument === null) throw new Error('the report did not open');
  return frame.contentDocument;
}

afterEach(() => document.body.replaceChildren());

describe('the report in a browser', () => {
  test.each([1280, 700, 360])(
    'fits a window of %i pixels: only tables and the picture scroll sideways',
    async (width) => {
      const page = await open(width);
      expect(page.documentElement.scrollWidth).toBeLessThanOrEqual(width);
      for (const box of page.querySelectorAll('.scroll, dl div, .pair section')) {
        expect(box.getBoundingClientRect().right).toBeLessThanOrEqual(width);
      }
    },
  );

  test('draws every request inside the picture', async () => {
    const page = await open(1280);
    const picture = page.querySelector('.scroll svg')?.getBoundingClientRect() ?? new DOMRect();
    const bars = [...page.querySelectorAll('.scroll .bar')].map((bar) => bar.getBoundingClientRect());
    expect(bars).toHaveLength(visits.length);
    for (const bar of bars) {
      expect(bar.width).toBeGreaterThan(1);
      expect(bar.left).toBeGreaterThanOrEqual(picture.left - 0.5);
      expect(bar.right).toBeLessThanOrEqual(picture.right + 0.5);
      expect(bar.bottom).toBeLessThanOrEqual(picture.bottom);
    }
  });

  test('runs nothing that a site put into it', async () => {
    const said: unknown[] = [];
    const listen = ({ data }: MessageEvent): number => said.push(data);
    window.addEventListener('message', listen);
    const page = await open(800);
    // Real time: that a script does not run shows only after a while.
    await new Promise((resolve) => setTimeout(resolve, 50));
    window.removeEventListener('message', listen);
    expect(said).not.toContain('ran');
    expect(page.querySelectorAll('img')).toHaveLength(0);
    // The search of the report itself.
    expect(page.querySelectorAll('script')).toHaveLength(1);
  });

  test('its text stands out from its ground in the scheme that the browser is in', async () => {
    const page = await open(1280);
    const view = page.defaultView;
    for (const selector of ['h1', '.note', 'dt', 'td.problem', 'a', 'dd.broken', '.big']) {
      const element = page.querySelector(selector);
      if (element === null || view === null) throw new Error(`${selector} is missing`);
      const ground = view.getComputedStyle(element.closest('section, dl div') ?? page.body).backgroundColor;
      expect(contrast(view.getComputedStyle(element).color, ground), selector).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('its own script runs under its policy, and finds links', async () => {
    const page = await open(1280);
    const box = page.querySelector<HTMLInputElement>('#search');
    if (box === null || page.defaultView === null) throw new Error('there is no search');
    expect(box.closest('p')?.hidden).toBe(false);
    const search = async (text: string): Promise<number> => {
      box.value = text;
      box.dispatchEvent(new Event('input'));
      await expect.poll(() => page.querySelector('#found')?.textContent).toMatch(/found$/);
      return page.querySelectorAll('#findings li:not([hidden])').length;
    };
    expect(await search('onerror')).toBe(1);
    expect(page.querySelector('#found')?.textContent).toBe('1 found');
  });

  test('can be read without a mouse: what scrolls takes the focus and has a name', async () => {
    const page = await open(360);
    for (const box of page.querySelectorAll<HTMLElement>('.scroll')) {
      expect(box.tabIndex).toBe(0);
      expect(box.getAttribute('aria-label') ?? box.getAttribute('aria-labelledby')).toBeTruthy();
    }
  });
});
