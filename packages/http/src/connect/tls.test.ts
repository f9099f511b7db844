import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { attempt, type Operation, run } from '@coloop/core';
import { CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT } from '@coloop/test-servers';
import { serve, serveTls } from '@coloop/test-servers/vitest';
import { describe, expect, test } from 'vitest';
import { ClientSslError, FingerprintMismatchError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { SslOption } from '../request/options.ts';
import { createSslContext } from './ssl.ts';

const certificate = new X509Certificate(SERVER_CERT);
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const keyPin = `sha256/${sha256(certificate.publicKey.export({ type: 'spki', format: 'der' })).toString('base64')}`;
const certificatePin = certificate.fingerprint256;
const wrongPin = `sha256/${Buffer.alloc(32, 9).toString('base64')}`;

function* textOf(url: string, ssl: SslOption): Operation<string> {
  const session = yield* Session.open({ ssl });
  return yield* (yield* session.get(url)).text();
}

async function failureOf(operation: Operation<unknown>): Promise<unknown> {
  try {
    await run(operation);
  } catch (error) {
    return error;
  }
  return undefined;
}

const site = (options = {}): ReturnType<typeof serveTls> =>
  serveTls((request, response) => {
    const socket = request.socket as TLSSocket & { servername?: string };
    response.end(
      JSON.stringify({
        resumed: socket.isSessionReused(),
        sni: socket.servername ?? null,
        client: socket.getPeerCertificate().subject?.CN ?? null,
      }),
    );
  }, options);

describe('TLS', () => {
  test('refuses an unknown CA with advice, and takes it once it is given', async () => {
    const server = await site();
    const error = await failureOf(textOf(server.url, {}));
    expect(error).toBeInstanceOf(ClientSslError);
    expect(error).toMatchObject({ phase: 'tls', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', request: { attempts: 0 } });
    expect((error as Error).message).toContain('createSslContext({ cafile })');
    expect(await run(textOf(server.url, { ca: CA }))).toContain('"resumed":false');
    expect(await run(textOf(server.url, { ca: CA, systemRoots: false }))).toContain('"resumed":false');
  });

  test('refuses a certificate for another name, and takes one for the servername that is given', async () => {
    const server = await site();
    expect(await run(textOf(server.url.replace('127.0.0.1', 'localhost'), { ca: CA }))).toContain('"sni":"localhost"');
    expect(await failureOf(textOf(server.url, { ca: CA, servername: 'other.test' }))).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(await run(textOf(server.url, { ca: CA, servername: 'a.site.test' }))).toContain('"sni":"a.site.test"');
  });

  test.each([
    ['of the URL', 'localhost.', {}],
    ['of the servername', '127.0.0.1', { servername: 'localhost.' }],
  ])('sends a name without the dot at the end %s', async (_, host, ssl) => {
    const server = await site();
    const url = server.url.replace('127.0.0.1', host);
    expect(await run(textOf(url, { ca: CA, ...ssl }))).toContain('"sni":"localhost"');
  });

  test('shows a client certificate where one is given', async () => {
    const server = await site({ requestCert: true, rejectUnauthorized: true, ca: CA });
    expect(await run(textOf(server.url, { ca: CA, cert: CLIENT_CERT, key: CLIENT_KEY }))).toContain(
      '"client":"test client"',
    );
  });

  // In TLS 1.3 the server says so only after the handshake.
  test.each([
    ['TLSv1.3', /^ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED$/],
    // The first is OpenSSL's name before 3.2, the second that of today.
    ['TLSv1.2', /^ERR_SSL_(SSLV3|SSL\/TLS)_ALERT_HANDSHAKE_FAILURE$/],
  ] as const)('says in %s that the server wants a certificate, and asks it once', async (version, code) => {
    const wants = { requestCert: true, rejectUnauthorized: true, ca: CA };
    const server = await site({ ...wants, minVersion: version, maxVersion: version });
    const ask = function* (socket: boolean): Operation<unknown> {
      const session = yield* Session.open({ ssl: { ca: CA }, retry: { attempts: 3, delay: 0 } });
      return yield* attempt<unknown>(
        socket
          ? session.ws(server.url)
          : session.post(server.url, { body: 'x', retry: { attempts: 3, methods: ['POST'] } }),
      );
    };
    for (const socket of [false, true]) {
      const before = server.accepted;
      const tried = (await run(ask(socket))) as { error: unknown };
      expect(tried.error).toBeInstanceOf(ClientSslError);
      expect(tried.error).toMatchObject({
        code: expect.stringMatching(code),
        message: expect.stringContaining('ssl: { cert, key }'),
      });
      expect(server.accepted).toBe(before + 1);
    }
  });

  test('says so when the port speaks no TLS', async () => {
    const server = await serve((_, response) => response.end());
    const error = await failureOf(textOf(server.url.replace('http', 'https'), {}));
    expect(error).toBeInstanceOf(ClientSslError);
    expect((error as Error).message).toMatch(/failed: wrong version number; the port may not speak TLS/);
  });
});

describe('a pin', () => {
  test.each([
    ['of the key', keyPin],
    ['of the certificate', certificatePin],
  ])('%s is checked beside the CA', async (_, fingerprint) => {
    const server = await site();
    expect(await run(textOf(server.url, { ca: CA, fingerprint }))).toContain('resumed');
    expect(await run(textOf(server.url, { ca: CA, fingerprint: [wrongPin, fingerprint] }))).toContain('resumed');
    expect(await failureOf(textOf(server.url, { fingerprint }))).toBeInstanceOf(ClientSslError);
    expect(await run(textOf(server.url, { verify: false, fingerprint }))).toContain('resumed');
  });

  test('that does not match ends the connection before a byte of the request is written', async () => {
    let requests = 0;
    const server = await serveTls((_, response) => {
      requests += 1;
      response.end();
    });
    const error = await failureOf(textOf(server.url, { ca: CA, fingerprint: wrongPin }));
    expect(error).toBeInstanceOf(FingerprintMismatchError);
    expect((error as Error).message).toContain(keyPin);
    expect(requests).toBe(0);
  });
});

describe('a resumed session', () => {
  const resumedOf = function* (session: Session, url: string, ssl: SslOption): Operation<boolean> {
    const response = yield* session.get(url, { ssl, headers: { Connection: 'close' } });
    return (yield* response.json<{ resumed: boolean }>({ contentType: null })).resumed;
  };

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'serves the same settings again, pins included, in %s',
    async (version) => {
      const server = await site({ maxVersion: version, minVersion: version });
      await run(function* () {
        const session = yield* Session.open();
        const ssl = createSslContext({ ca: CA, fingerprint: keyPin });
        expect(yield* resumedOf(session, server.url, ssl)).toBe(false);
        expect(yield* resumedOf(session, server.url, ssl)).toBe(true);
        expect(yield* resumedOf(session, server.url, ssl)).toBe(true);
      });
    },
  );

  test('never carries a handshake without verification into one with it', async () => {
    const server = await site();
    await run(function* () {
      const session = yield* Session.open();
      expect(yield* resumedOf(session, server.url, false)).toBe(false);
      expect(yield* resumedOf(session, server.url, false)).toBe(true);
      let failure: unknown;
      try {
        yield* resumedOf(session, server.url, true);
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(ClientSslError);
      expect(yield* resumedOf(session, server.url, { ca: CA })).toBe(false);
      expect(yield* resumedOf(session, server.url, { ca: CA, fingerprint: keyPin })).toBe(false);
      expect(yield* resumedOf(session, server.url, { ca: CA, servername: 'site.test' })).toBe(false);
    });
  });
});
