// A small server of files, as a forge's pages serve them.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

function fileOf(folder: string, url: string): string | undefined {
  const path = normalize(decodeURIComponent(new URL(url, 'http://site').pathname));
  const file = join(folder, path);
  return [file, join(file, 'index.html')].find((one) => existsSync(one) && statSync(one).isFile());
}

/** Serves a folder on 127.0.0.1; port 0 takes a free one. */
export function serve(folder: string, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    const file = fileOf(folder, request.url ?? '/');
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': TYPES[extname(file ?? '.html')] ?? '' });
    response.end(file === undefined ? '404' : readFileSync(file));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });
}
