import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BenchServer } from '../http/server.ts';

/** How many pages the site has. */
export const PAGES = 5_000;
/** Every so many pages one has a link that leads nowhere. */
const BROKEN_EACH = 50;
/** How many links the site has that lead nowhere. */
export const BROKEN: number = PAGES / BROKEN_EACH;
/** How many other pages each page leads to. */
const LINKS = 20;

/** Serves the site: pages of some 4 KB with links, a style sheet, a picture and a paragraph of text for each link. */
export async function startSite(): Promise<BenchServer> {
  const server = createServer((request, response) => {
    const { type, body } = answerTo(request.url ?? '/') ?? {};
    if (body === undefined) response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
    else response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

function answerTo(path: string): { readonly type: string; readonly body: string } | undefined {
  if (path === '/') return { type: 'text/html', body: pageOf(0) };
  if (path === '/style.css') return { type: 'text/css', body: 'body { margin: 2em }' };
  if (path === '/picture.svg') return { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' };
  const number = Number(/^\/page-(\d+)\.html$/.exec(path)?.[1] ?? Number.NaN);
  return number < PAGES ? { type: 'text/html', body: pageOf(number) } : undefined;
}

/** Each page leads to those behind it and to some far away, so that all are found within few clicks. */
function pageOf(number: number): string {
  const links = Array.from({ length: LINKS }, (_, i) => (number * LINKS + i + 1) % PAGES);
  const broken = number % BROKEN_EACH === 0 ? `<p><a href="/missing-${number}.html">gone</a></p>` : '';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Page ${number}</title><link rel="stylesheet" href="/style.css"></head>
<body>
<h1 id="top">Page ${number}</h1>
<img src="/picture.svg" alt="a picture">
${links.map((to) => `<p>${TEXT} <a href="/page-${to}.html">Page ${to}</a></p>`).join('\n')}
${broken}
</body>
</html>
`;
}

const TEXT = 'Some text of a paragraph that says why one would like to go on reading there, and at some length:';
