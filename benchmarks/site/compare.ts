// What each checker says of each case, beside what is true: prints a table in Markdown.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Answer, CASES } from './cases.ts';
import { linkinatorMain, makeSiteChecker } from './checkers.ts';

/** Every case has a folder, and the first page leads to the first page of each. */
const answers = new Map<string, Answer>([
  ['/', CASES.map((_, index) => `<a href="/${index}/index.html">${index}</a>`).join('\n')],
  ...CASES.flatMap(({ site }, index) =>
    Object.entries(site).map(([path, answer]): [string, Answer] => [`/${index}/${path}`, answer]),
  ),
]);

const server = createServer((request, response) => {
  const found = answers.get(request.url ?? '') ?? { status: 404, body: 'Not found' };
  const { status = 200, type = 'text/html', location, body = '' } = typeof found === 'string' ? { body: found } : found;
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, ...(location && { Location: location }) });
  response.end(body);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const folder = mkdtempSync(join(import.meta.dirname, '../.bundle-'));

interface Told {
  readonly findings: readonly { readonly link: string }[];
  readonly links: readonly { readonly url: string; readonly state: string }[];
}

const checkers: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  'site checker': async () => {
    const { findings } = await told(makeSiteChecker(folder), `${address}/`, '--format', 'json');
    return findings.map(({ link }) => link);
  },
  linkinator: async () => {
    const flags = ['--recurse', '--check-css', '--check-fragments', '--format', 'json'];
    const { links } = await told(linkinatorMain(), `${address}/`, ...flags);
    return links.filter(({ state }) => state === 'BROKEN').map(({ url }) => url);
  },
};

/** What a checker prints; that it found something wrong does not count as a failure. */
function told(...command: readonly string[]): Promise<Told> {
  return new Promise((resolve) => {
    execFile(process.execPath, command, { maxBuffer: 2 ** 24 }, (_error, out) => resolve(JSON.parse(out) as Told));
  });
}

/** In words, beside what is true. */
function verdict(broken: readonly string[], said: ReadonlySet<string>): string {
  const missed = broken.filter((path) => !said.has(path));
  const wrong = [...said].filter((path) => !broken.includes(path));
  if (missed.length === 0 && wrong.length === 0) return 'right';
  return [...missed.map((path) => `misses \`${path}\``), ...wrong.map((path) => `calls \`${path}\` broken`)].join(', ');
}

try {
  const columns: string[][] = [];
  for (const run of Object.values(checkers)) {
    const said = await run();
    columns.push(
      CASES.map(({ broken }, index) => {
        const base = `${address}/${index}/`;
        const own = said.filter((url) => url.startsWith(base)).map((url) => url.slice(base.length));
        return verdict(broken, new Set(own));
      }),
    );
  }
  const right = columns.map((column) => `${column.filter((cell) => cell === 'right').length} of ${CASES.length}`);
  const rows = CASES.map(({ title }, index) => [title, ...columns.map((column) => column[index] ?? '')]);
  const lines = [['what the page has', ...Object.keys(checkers)], ['---', '---', '---'], ...rows, ['right', ...right]];
  process.stdout.write(`${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
} finally {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}
