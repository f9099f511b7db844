import { createServer } from 'node:net';
import type { Load, Workload } from '../harness/workload.ts';

const CONNECTIONS = 50;
const HEAD_END = '\r\n\r\n';
const BODY = '{"ok":true}';
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}${HEAD_END}${BODY}`;

/** The least server that there can be, in this process: it costs each client the same for every request. */
async function serve(): Promise<{ origin: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    // Clients that ask one by one send a head whole.
    socket.on('data', (head: Buffer) => {
      if (head.toString('latin1').endsWith(HEAD_END)) socket.write(ANSWER);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1_024, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('This machine gave no free port.');
  return { origin: `http://127.0.0.1:${address.port}`, port: address.port };
}

/** So many requests at once, of which each waits until one of the connections is free, again and again. */
async function batches(size: number, units: number, all: (size: number) => Promise<unknown>): Promise<void> {
  for (let done = 0; done < units; done += size) await all(Math.min(size, units - done));
}

const promises =
  (one: () => Promise<void>) =>
  (size: number): Promise<unknown> =>
    Promise.all(Array.from({ length: size }, one));

const coloop: Load = async (size) => {
  const { forever, gather, run } = await import('@coloop/core');
  const { Session } = await import('@coloop/http');
  const { origin } = await serve();
  type Opened = InstanceType<typeof Session>;
  const session = await new Promise<Opened>((resolve, reject) => {
    run(function* () {
      resolve(yield* Session.open({ timeout: null, pool: { limit: CONNECTIONS } }));
      yield* forever();
    }).catch(reject);
  });
  function* get() {
    using response = yield* session.get(origin);
    yield* response.bytes();
  }
  return (units) => batches(size, units, (at) => run(() => gather(Array.from({ length: at }, get))));
};

/** Requests that wait for a connection, while so many others wait as well. */
export const queued: Workload = {
  unit: 'request',
  about: `so many requests at once over ${CONNECTIONS} connections; the server is in the same process and counts, too`,
  count: 1_000,
  measure: 'cpu',
  systems: {
    coloop,
    'undici dispatch': async (size) => {
      const { Agent } = await import('undici');
      const { origin } = await serve();
      const agent = new Agent({ connections: CONNECTIONS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
      const one = (): Promise<void> =>
        new Promise((resolve, reject) => {
          agent.dispatch(
            { origin, path: '/', method: 'GET' },
            {
              onRequestStart: () => {},
              onResponseStart: () => {},
              onResponseData: () => {},
              onResponseEnd: () => resolve(),
              onResponseError: (_controller, error) => reject(error),
            },
          );
        });
      return (units) => batches(size, units, promises(one));
    },
    'node:http': async (size) => {
      const { Agent, get } = await import('node:http');
      const { port } = await serve();
      const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: CONNECTIONS });
      const one = (): Promise<void> =>
        new Promise((resolve, reject) => {
          get({ host: '127.0.0.1', port, agent }, (response) => {
            response.resume();
            response.on('end', () => resolve());
            response.on('error', reject);
          }).on('error', reject);
        });
      return (units) => batches(size, units, promises(one));
    },
    fetch: async (size) => {
      const { Agent, fetch } = await import('undici');
      const { origin } = await serve();
      const dispatcher = new Agent({ connections: CONNECTIONS, pipelining: 1 });
      const one = async (): Promise<void> => {
        const response = await fetch(origin, { dispatcher });
        await response.arrayBuffer();
      };
      return (units) => batches(size, units, promises(one));
    },
  },
};
