// Every client in its own best form for "take the whole body": keep-alive, as many connections as there are requests at
// a time, nothing parsed that was not asked for.
import { once } from 'node:events';
import { get, Agent as HttpAgent } from 'node:http';
import { connect } from 'node:net';
import type { Job } from '../harness/workload.ts';
import { check, clients, type Target, targetOf } from './target.ts';

/** What is asked for: how many requests at a time, and whether each has a limit of its own. */
export interface Shape {
  readonly file: { readonly path: string; readonly size: number };
  readonly connections: number;
  /** A total limit on every request, in ms. */
  readonly timeout?: number;
}

/** Loads one client. */
export type Client = (shape: Shape) => Promise<Job>;

/** Our session; the body is read whole, or chunk by chunk where it is large. */
export const coloop: Client = async ({ file, connections, timeout }) => {
  const { forever, forEach, gather, run } = await import('@coloop/core');
  const { Session } = await import('@coloop/http');
  type Opened = InstanceType<typeof Session>;
  const target = targetOf(file);
  const large = file.size > 65_536;
  function* whole(session: Opened) {
    using response = yield* session.get(target.url);
    check((yield* response.bytes()).length, target, response.status);
  }
  function* streamed(session: Opened) {
    using response = yield* session.get(target.url);
    let size = 0;
    yield* forEach(response.chunks(), (chunk) => {
      size += chunk.length;
    });
    check(size, target, response.status);
  }
  function* client(session: Opened, todo: { left: number }) {
    while (todo.left-- > 0) yield* large ? streamed(session) : whole(session);
  }
  // Without a figure of its own the session keeps its default limit, which is a total one as well: none is asked for.
  const options = { timeout: timeout ?? null, pool: { limit: connections } };
  const session = await new Promise<Opened>((resolve, reject) => {
    run(function* () {
      resolve(yield* Session.open(options));
      yield* forever();
    }).catch(reject);
  });
  return (count) => {
    const todo = { left: count };
    return run(() => gather(Array.from({ length: connections }, () => client(session, todo))));
  };
};

/** The same, into memory of the reader's own. */
export const coloopReadInto: Client = async ({ file }) => {
  const { run } = await import('@coloop/core');
  const { Session } = await import('@coloop/http');
  const target = targetOf(file);
  const memory = new Uint8Array(65_536);
  return (count) =>
    run(function* () {
      const session = yield* Session.open({ timeout: null });
      for (let i = 0; i < count; i++) {
        using response = yield* session.get(target.url);
        let size = 0;
        for (let got = yield* response.readInto(memory); got > 0; got = yield* response.readInto(memory)) size += got;
        check(size, target, response.status);
      }
    });
};

/** The callback interface of undici, below its promises. */
export const dispatch: Client = async ({ file, connections, timeout }) => {
  const { Agent } = await import('undici');
  const target = targetOf(file);
  const limit = timeout === undefined ? {} : { headersTimeout: timeout, bodyTimeout: timeout };
  const agent = new Agent({ connections, pipelining: 1, ...limit });
  const options = { origin: target.origin, path: target.path, method: 'GET' } as const;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let size = 0;
      let status = 0;
      agent.dispatch(options, {
        onRequestStart: () => {},
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: (_controller, chunk) => {
          size += chunk.length;
        },
        onResponseEnd: () => {
          check(size, target, status);
          resolve();
        },
        onResponseError: (_controller, error) => reject(error),
      });
    });
  return (count) => clients(connections, count, one);
};

/** The promise interface of undici. */
export const request: Client = async ({ file, connections, timeout }) => {
  const { Agent, request: ask } = await import('undici');
  const target = targetOf(file);
  const dispatcher = new Agent({ connections, pipelining: 1 });
  return (count) =>
    clients(connections, count, async () => {
      const limit = timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) };
      const { statusCode, body } = await ask(target.url, { dispatcher, ...limit });
      if (file.size <= 65_536) return check((await body.arrayBuffer()).byteLength, target, statusCode);
      let size = 0;
      for await (const chunk of body) size += (chunk as Buffer).length;
      check(size, target, statusCode);
    });
};

/** The platform's own. */
export const platformFetch: Client = async ({ file, connections, timeout }) => {
  const target = targetOf(file);
  return (count) =>
    clients(connections, count, async () => {
      const response = await fetch(target.url, timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) });
      await take(response, target);
    });
};

async function take(response: Response, target: Target): Promise<void> {
  if (target.size <= 65_536) return check((await response.arrayBuffer()).byteLength, target, response.status);
  let size = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) size += part.value.length;
  check(size, target, response.status);
}

/** node:http with an agent that keeps connections. */
export const nodeHttp: Client = async ({ file, connections, timeout }) => {
  const target = targetOf(file);
  const agent = new HttpAgent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
  const options = { host: target.host, port: target.port, path: target.path, agent };
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const limit = timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) };
      const asked = get({ ...options, ...limit }, (response) => {
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
        });
        response.on('end', () => {
          check(size, target, response.statusCode);
          resolve();
        });
        response.on('error', reject);
      });
      asked.on('error', reject);
    });
  return (count) => clients(connections, count, one);
};

export const got: Client = async ({ file, connections, timeout }) => {
  const { default: client } = await import('got');
  const target = targetOf(file);
  const http = new HttpAgent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
  const limit = timeout === undefined ? {} : { timeout: { request: timeout } };
  const ask = client.extend({ agent: { http }, retry: { limit: 0 }, ...limit });
  return (count) =>
    clients(connections, count, async () => {
      if (file.size <= 65_536) return check((await ask(target.url).buffer()).length, target);
      let size = 0;
      for await (const chunk of ask.stream(target.url)) size += (chunk as Buffer).length;
      check(size, target);
    });
};

export const axios: Client = async ({ file, connections, timeout }) => {
  const { default: client } = await import('axios');
  const target = targetOf(file);
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
  const large = file.size > 65_536;
  const ask = client.create({
    httpAgent,
    proxy: false,
    responseType: large ? 'stream' : 'arraybuffer',
    ...(timeout === undefined ? {} : { timeout }),
  });
  return (count) =>
    clients(connections, count, async () => {
      const { data, status } = await ask.get(target.url);
      if (!large) return check((data as Buffer).length, target, status);
      let size = 0;
      for await (const chunk of data as AsyncIterable<Buffer>) size += chunk.length;
      check(size, target, status);
    });
};

export const ky: Client = async ({ file, connections, timeout }) => {
  const { default: client } = await import('ky');
  const target = targetOf(file);
  const ask = client.create({ retry: 0, timeout: timeout ?? false });
  return (count) => clients(connections, count, async () => take(await ask(target.url), target));
};

/** No client at all: the request is one string, the answer is so many bytes. The limit of what Node can do. */
export const socket: Client = async ({ file, connections }) => {
  const target = targetOf(file);
  const head = `GET ${target.path} HTTP/1.1\r\nhost: ${target.host}:${target.port}\r\n\r\n`;
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const opened = connect({ host: target.host, port: target.port, noDelay: true });
      await once(opened, 'connect');
      return opened;
    }),
  );
  return async (count) => {
    let left = count;
    await Promise.all(
      sockets.map(
        (opened) =>
          new Promise<void>((resolve, reject) => {
            // A head has the same length every time, so that the first one tells how much an answer has.
            let whole = 0;
            let got = 0;
            const next = (): void => {
              got = 0;
              if (left-- > 0) opened.write(head);
              else {
                opened.removeAllListeners('data');
                resolve();
              }
            };
            opened.on('data', (chunk: Buffer) => {
              if (whole === 0) whole = chunk.indexOf('\r\n\r\n') + 4 + target.size;
              got += chunk.length;
              if (got === whole) next();
              else if (got > whole) reject(new Error(`Got ${got} bytes from ${target.url}, and not ${whole}.`));
            });
            next();
          }),
      ),
    );
  };
};
