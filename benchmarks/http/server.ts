import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Closable, freePort, makeFolder, startProgram } from '@coloop/test-servers';
import { KILOBYTE, TEN_MEBIBYTES } from './target.ts';

/** What is asked in a run: for the clients nginx with two files to give out. */
export interface BenchServer extends Closable {
  readonly url: string;
}

/** Why there can be no server here, or null. */
export function serverMissing(): string | null {
  return spawnSync('nginx', ['-v']).error === undefined ? null : 'no nginx on the PATH (Debian: apt-get install nginx)';
}

/** Starts nginx from a configuration of its own, in a folder of its own, on a port of its own. */
export async function startServer(): Promise<BenchServer> {
  const folder = await makeFolder({
    [KILOBYTE.path.slice(1)]: kilobyte(),
    [TEN_MEBIBYTES.path.slice(1)]: Buffer.alloc(TEN_MEBIBYTES.size, 'coloop '),
  });
  try {
    const port = await freePort();
    const configuration = join(folder.path, 'nginx.conf');
    await writeFile(configuration, configure(folder.path, port));
    const nginx = await startProgram('nginx', ['-p', folder.path, '-e', 'stderr', '-c', configuration], port);
    const close = async (): Promise<void> => {
      await nginx.close();
      await folder.close();
    };
    return { url: `http://127.0.0.1:${port}`, close };
  } catch (error) {
    await folder.close();
    throw error;
  }
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
