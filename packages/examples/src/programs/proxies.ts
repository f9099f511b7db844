/**
 * Proxies: with credentials, from the environment, and what the proxy got to see.
 *
 * aiohttp: `session.get(url, proxy='http://proxy.com', proxy_auth=aiohttp.BasicAuth('user', 'pass'))`, `trust_env=True`
 */
import { acquire, defer, group, type Operation } from '@coloop/core';
import { BasicAuth, ProxyResponseError, type RequestOptions, Session, type SessionOptions } from '@coloop/http';
import { CA, type ProxyRequest } from '@coloop/test-servers';
import { httpProxy, httpServer, httpsServer } from '@coloop/test-servers/resources';
import { startExample } from '../shared/start-example.ts';

/** Says what the proxy sees of a request. */
function report({ line, user, accepted }: ProxyRequest): void {
  const how = line.startsWith('CONNECT ') ? 'CONNECT, a tunnel' : 'GET, absolute URL';
  console.log(`    proxy: ${how}, user ${user || 'nobody'}: ${accepted ? 'let through' : '407'}`);
}

/** Sets a variable of the environment until the end of the scope. */
function setVariable(name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  defer(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

export function* proxies(): Operation<void> {
  const { port } = yield* acquire(httpProxy('reader:open-sesame', { onRequest: report }));
  const proxy = `127.0.0.1:${port}`;
  const plain = yield* acquire(httpServer((_request, response) => response.end('hello')));
  const secure = yield* acquire(httpsServer((_request, response) => response.end('secret')));

  function* show(
    what: string,
    url: string,
    options: RequestOptions = {},
    defaults: SessionOptions = {},
  ): Operation<void> {
    console.log(what);
    yield* group(function* () {
      const session = yield* Session.open({ ssl: { ca: CA }, ...defaults });
      try {
        using response = yield* session.get(url, options);
        console.log(`    answer: ${response.status} ${(yield* response.text()).trim()}`);
      } catch (error) {
        const refused = (error as Error).cause;
        console.log(
          `    ${error instanceof ProxyResponseError ? `${error.name} ${error.status}` : String(refused ?? error)}`,
        );
      }
    });
  }
  const http = `http://localhost:${plain.port}/`;
  const https = `https://localhost:${secure.port}/`;

  yield* show('proxy and proxyAuth, an http target', http, {
    proxy: `http://${proxy}`,
    proxyAuth: new BasicAuth('reader', 'open-sesame'),
  });
  yield* show('credentials in the URL, an https target', https, {
    proxy: `http://reader:open-sesame@${proxy}`,
  });
  yield* show('a wrong password, an https target', https, { proxy: `http://reader:guess@${proxy}` });
  yield* show('a wrong password, an http target', http, { proxy: `http://reader:guess@${proxy}` });

  yield* group(function* () {
    setVariable('http_proxy', `http://reader:open-sesame@${proxy}`);
    yield* show('http_proxy is set, trustEnv is not', http);
    yield* show('http_proxy is set, trustEnv: true', http, {}, { trustEnv: true });
    setVariable('no_proxy', 'localhost');
    yield* show('no_proxy names the host', http, {}, { trustEnv: true });
  });
}

await startExample(import.meta.url, proxies);
