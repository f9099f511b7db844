/**
 * TLS: refused by default, without verification, with a CA file, pinned by fingerprint.
 *
 * aiohttp: `ssl=False`, `ssl=ssl.create_default_context(cafile='…')`, `ssl=aiohttp.Fingerprint(digest)`
 */
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, defer, type Operation, until } from '@coloop/core';
import { ClientSslError, createSslContext, type RequestOptions, Resolver, Session } from '@coloop/http';
import { localServer } from '../shared/local-server.ts';
import { startExample } from '../shared/start-example.ts';
import { makeCertificates } from '../site-checker/world/certificates.ts';

const NAME = 'shop.coloop.test';

/** A file in a folder of its own, gone at the end of the scope. */
function* temporaryFile(name: string, text: string): Operation<string> {
  const folder = yield* until(mkdtemp(join(tmpdir(), 'coloop-')));
  defer(() => until(rm(folder, { recursive: true })));
  const file = join(folder, name);
  yield* until(writeFile(file, text));
  return file;
}

export function* tls(): Operation<void> {
  // A certificate authority that nobody knows has signed the server's certificate.
  const { ca, cert, key } = yield* until(makeCertificates(NAME));
  const site = yield* acquire(localServer(createServer({ cert, key }, (_request, answer) => answer.end('Welcome'))));
  const cafile = yield* temporaryFile('ca.pem', ca);

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
  const fingerprint = new X509Certificate(cert).fingerprint256;
  yield* tryIt('the same, pinned to the right certificate', { ssl: { cafile, fingerprint } });
  yield* tryIt('pinned to another one', { ssl: { cafile, fingerprint: fingerprint.replaceAll(/[0-9A-F]/g, '0') } });
  console.log(`connections that the server saw: ${site.seen}; none is shared between different settings`);
}

await startExample(import.meta.url, tls);
