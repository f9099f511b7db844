import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const PATIENCE = 10_000;

/** nginx with two files to give out. */
export interface BenchServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Why there can be no server here, or null. */
export function serverMissing(): string | null {
  return spawnSync('nginx', ['-v']).error === undefined ? null : 'no nginx on the PATH (Debian: apt-get install nginx)';
}

/** Starts nginx from a configuration of its own, in a folder of its own, on a port of its own. */
export async function startServer(): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
  // Started by root, nginx serves as another user, who must get in.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'kilobyte.json'), kilobyte());
  writeFileSync(join(folder, 'ten-mebibytes.bin'), Buffer.alloc(10 * MIB, 'coloop '));
  const port = await freePort();
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(configuration, configure(folder, port));
  const nginx = spawn('nginx', ['-p', folder, '-e', join(folder, 'error.log'), '-c', configuration], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => nginx.once('close', () => resolve()));
  const close = async (): Promise<void> => {
    nginx.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(nginx, port, join(folder, 'error.log'));
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, close };
}

const configure = (folder: string, port: number): string => `
daemon off;
master_process ${process.getuid?.() === 0 ? 'on' : 'off'};
worker_processes 1;
worker_rlimit_nofile 8192;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  server_tokens off;
  default_type application/octet-stream;
  types { application/json json; }
  sendfile on;
  tcp_nopush on;
  open_file_cache max=10;
  keepalive_timeout 600;
  keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${folder};
  }
}
`;

/** 1,024 bytes of JSON. */
function kilobyte(): string {
  const head = '{"name":"coloop","text":"';
  return `${head}${'x'.repeat(1024 - head.length - 2)}"}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('This machine gave no free port.');
  return address.port;
}

async function answering(nginx: ChildProcess, port: number, log: string): Promise<void> {
  const until = Date.now() + PATIENCE;
  while (!(await connects(port))) {
    if (nginx.exitCode !== null || Date.now() > until) {
      throw new Error(`nginx did not start on port ${port}:\n${readFileSync(log, 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
