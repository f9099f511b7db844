/**
 * TLS: refused by default, without verification, with a CA file, pinned by fingerprint.
 *
 * aiohttp: `ssl=False`, `ssl=ssl.create_default_context(cafile='…')`, `ssl=aiohttp.Fingerprint(digest)`
 */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { acquire, type Operation } from '@coloop/core';
import { ClientSslError, createSslContext, type RequestOptions, Resolver, Session } from '@coloop/http';
import { CA, SERVER_CERT } from '@coloop/test-servers';
import { httpsServer, temporaryFolder } from '@coloop/test-servers/resources';
import { startExample } from '../shared/start-example.ts';

const NAME = 'shop.coloop.test';

export function* tls(): Operation<void> {
  // The server's certificate was signed by an authority that no system knows.
  const site = yield* acquire(httpsServer((_request, response) => response.end('Welcome')));
  const folder = yield* acquire(temporaryFolder({ 'ca.pem': CA }));
  const cafile = join(folder.path, 'ca.pem');

  const session = yield* Session.open({
    baseUrl: `https://${NAME}:${site.port}/`,
    resolver: new Resolver({ hosts: { [NAME]: ['127.0.0.1'] } }),
  });
  function* tryIt(what: string, options: RequestOptions = {}): Operation<void> {
    try {
      using response = yield* session.get('/', options);
      console.log(`${what}: ${response.status} ${yield* response.text()}`);
    } catch (error) {
      if (!(error instanceof ClientSslError)) throw error;
      console.log(`${what}: ${error.name}, ${error.code}`);
    }
  }

  yield* tryIt('by default');
  yield* tryIt('ssl: false, for this request', { ssl: false });
  yield* tryIt('the next request, verified again');

  const context = createSslContext({ cafile });
  yield* tryIt('a context from a CA file', { ssl: context });

  // The pin is checked in addition to the authority, before a byte of the request is written.
  const fingerprint = new X509Certificate(SERVER_CERT).fingerprint256;
  yield* tryIt('the same, pinned to the right certificate', { ssl: { cafile, fingerprint } });
  yield* tryIt('pinned to another one', { ssl: { cafile, fingerprint: fingerprint.replaceAll(/[0-9A-F]/g, '0') } });
  console.log(`connections that the server saw: ${site.accepted}; none is shared between different settings`);
}

await startExample(import.meta.url, tls);
