import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InvalidOptionError } from '../errors.ts';
import { createSslContext, type SslOptions } from './ssl.ts';

const pem = rootCertificates[0] as string;
const other = rootCertificates[1] as string;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'coloop-ssl-'));
  writeFileSync(join(directory, 'ca.pem'), `${pem}\n${other}\n`);
  writeFileSync(join(directory, 'broken.txt'), 'nothing');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('createSslContext', () => {
  test('gives equal settings equal keys, wherever they came from', () => {
    const fromFile = createSslContext({ cafile: join(directory, 'ca.pem') });
    const fromText = createSslContext({ ca: [pem, Buffer.from(other)] });
    expect(fromFile.key).toBe(fromText.key);
    expect(createSslContext({ capath: directory }).key).toBe(fromText.key);
  });

  test('gives every different setting a different key', () => {
    const pin = `sha256/${Buffer.alloc(32, 1).toString('base64')}`;
    const all: SslOptions[] = [
      {},
      { verify: false },
      { ca: pem },
      { ca: pem, systemRoots: false },
      { servername: 'a' },
      { servername: 'b' },
      { fingerprint: pin },
      { fingerprint: 'ab'.repeat(32) },
      { minVersion: 'TLSv1.3' },
      { ciphers: 'HIGH' },
    ];
    expect(new Set(all.map((options) => createSslContext(options).key)).size).toBe(all.length);
  });

  test('builds the platform context once', () => {
    const context = createSslContext();
    expect(context.secureContext).toBe(context.secureContext);
  });

  test('reads pins of keys and certificates', () => {
    const colons = 'AB:'.repeat(32).slice(0, -1);
    const { pins } = createSslContext({ fingerprint: [colons, `sha256/${Buffer.alloc(32, 7).toString('base64')}`] });
    expect(pins).toEqual([
      { kind: 'certificate', sha256: 'ab'.repeat(32) },
      { kind: 'publicKey', sha256: '07'.repeat(32) },
    ]);
  });

  test.each<[string, SslOptions, RegExp]>([
    ['a missing file', { cafile: '/nowhere/ca.pem' }, /"\/nowhere\/ca\.pem" cannot be read/],
    ['a missing directory', { capath: '/nowhere' }, /"\/nowhere" cannot be read/],
    ['text that is not a certificate', { ca: 'garbage' }, /no readable certificate/],
    [
      'a broken certificate',
      { ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      /no readable certificate/,
    ],
    ['text that is not a key', { key: 'garbage', cert: pem }, /cannot be used/],
    ['a SHA-1 pin', { fingerprint: 'ab'.repeat(20) }, /too weak/],
    ['an unknown version', { minVersion: 'TLSv9' as 'TLSv1.3' }, /cannot be used/],
    ['an unknown setting', { rejectUnauthorized: false } as SslOptions, /ssl has no option 'rejectUnauthorized'/],
    ['a verify that is not a boolean', { verify: 'no' as unknown as boolean }, /give true or false/],
    ['a servername with a line end', { servername: 'a\r\nb' }, /give the name of a host/],
  ])('refuses %s', (_, options, message) => {
    expect(() => createSslContext(options)).toThrow(InvalidOptionError);
    expect(() => createSslContext(options)).toThrow(message);
  });

  test('does not read settings from Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'verify', { value: false, configurable: true });
    try {
      expect(createSslContext().verify).toBe(true);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'verify');
    }
  });
});
