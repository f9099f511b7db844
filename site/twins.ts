// For tools: each page as plain Markdown beside its HTML, and llms.txt, the list of them.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HEAD = `# coloop

> Python's asyncio and aiohttp for TypeScript: coroutines on generators that can be cancelled at every wait, and an HTTP client on top of
> them. Each page below is plain Markdown.
`;

function titleOf(text: string): string {
  return /^# (.*)$/m.exec(text)?.[1]?.replace(/\\/g, '') ?? /^title: (.*)$/m.exec(text)?.[1] ?? 'coloop';
}

function section(name: string): string {
  if (name.startsWith('reference/')) return 'Reference';
  if (name.startsWith('zh/')) return 'Chinese';
  return name.includes('/') ? 'More' : 'Guides';
}

/** Copies the Markdown of all pages into the built site, and writes the list. */
export function writeTwins(pages: string, dist: string): void {
  const names = readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  const sections = new Map<string, string[]>();
  for (const name of names.sort()) {
    cpSync(join(pages, name), join(dist, name));
    const lines = sections.get(section(name)) ?? [];
    lines.push(`- [${titleOf(readFileSync(join(pages, name), 'utf8'))}](${name})`);
    sections.set(section(name), lines);
  }
  const order = ['Guides', 'Reference', 'More', 'Chinese'];
  const text = order.map((title) => `## ${title}\n\n${(sections.get(title) ?? []).join('\n')}\n`).join('\n');
  writeFileSync(join(dist, 'llms.txt'), `${HEAD}\n${text}`);
}
