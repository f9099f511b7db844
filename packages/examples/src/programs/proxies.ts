/**
 * Proxies: with credentials, from the environment, and what the proxy got to see.
 *
 * aiohttp: `session.get(url, proxy='http://proxy.com', proxy_auth=aiohttp.BasicAuth('user', 'pass'))`, `trust_env=True`
 */
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { acquire, defer, group, type Operation, until } from '@coloop/core';
import { BasicAuth, ProxyResponseError, type RequestOptions, Session, type SessionOptions } from '@coloop/http';
import { Server } from 'proxy-chain';
import { closing } from '../shared/closing.ts';
import { localServer } from '../shared/local-server.ts';
import { startExample } from '../shared/start-example.ts';
import { makeCertificates } from '../site-checker/world/certificates.ts';

/** A proxy that wants a name and a password, and says what it sees. */
async function startProxy(): Promise<{ address: string; close(): Promise<void> }> {
  const server = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction({ username, password, isHttp, request }) {
      const accepted = username === 'reader' && password === 'open-sesame';
      const how = isHttp ? `${request.method}, absolute URL` : 'CONNECT, a tunnel';
      console.log(`    proxy: ${how}, user ${username || 'nobody'}: ${accepted ? 'let through' : '407'}`);
      return { requestAuthentication: !accepted, failMsg: 'This proxy wants a name and a password.' };
    },
  });
  await server.listen();
  return { address: `127.0.0.1:${server.port}`, close: () => server.close(true) };
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
  const proxy = yield* acquire(closing(startProxy));
  const plain = yield* acquire(localServer(createServer((_request, answer) => answer.end('hello'))));
  const { ca, cert, key } = yield* until(makeCertificates('localhost'));
  const secure = yield* acquire(
    localServer(createSecureServer({ cert, key }, (_request, answer) => answer.end('secret'))),
  );

  function* show(
    what: string,
    url: string,
    options: RequestOptions = {},
    defaults: SessionOptions = {},
  ): Operation<void> {
    console.log(what);
    yield* group(function* () {
      const session = yield* Session.open({ ssl: { ca }, ...defaults });
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
    proxy: `http://${proxy.address}`,
    proxyAuth: new BasicAuth('reader', 'open-sesame'),
  });
  yield* show('credentials in the URL, an https target', https, {
    proxy: `http://reader:open-sesame@${proxy.address}`,
  });
  yield* show('a wrong password, an https target', https, { proxy: `http://reader:guess@${proxy.address}` });
  yield* show('a wrong password, an http target', http, { proxy: `http://reader:guess@${proxy.address}` });

  yield* group(function* () {
    setVariable('http_proxy', `http://reader:open-sesame@${proxy.address}`);
    yield* show('http_proxy is set, trustEnv is not', http);
    yield* show('http_proxy is set, trustEnv: true', http, {}, { trustEnv: true });
    setVariable('no_proxy', 'localhost');
    yield* show('no_proxy names the host', http, {}, { trustEnv: true });
  });
}

await startExample(import.meta.url, proxies);
