import { describe, expect, test } from 'vitest';
import { explainTls } from './tls-advice.ts';

function explained(code: string, role: 'origin' | 'proxy', message = 'what OpenSSL says'): string {
  return explainTls(Object.assign(new Error(message), { code }), role);
}

describe('a failure of TLS says what went wrong and what helps there', () => {
  test.each([
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'createSslContext({ cafile })', 'proxy: { url, ssl: { cafile } }'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ssl: { cert, key }', 'proxy: { url, ssl: { cert, key } }'],
    ['ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE', 'another one with ssl', 'another one with proxy'],
    ['ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE', 'another one with ssl', 'another one with proxy'],
    ['CERT_HAS_EXPIRED', 'renew it', 'proxy: { url, ssl: false }'],
    ['ERR_SSL_SOMETHING_NEW', 'settings in ssl.', 'settings in proxy: { url, ssl }.'],
  ])('%s', (code, origin, proxy) => {
    for (const [role, advice] of [
      ['origin', origin],
      ['proxy', proxy],
    ] as const) {
      const text = explained(code, role);
      expect(text).toMatch(/^what OpenSSL says; .*\.$/);
      expect(text).toContain(advice);
    }
  });

  test('without the addresses and files of OpenSSL', () => {
    const error = Object.assign(new Error('00F1:error:0A000412:SSL routines:ssl3_read_bytes:x:../s3.c:1605:'), {
      code: 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
      reason: 'sslv3 alert bad certificate',
    });
    expect(explainTls(error, 'origin')).toMatch(/^sslv3 alert bad certificate; it does not accept/);
  });
});
