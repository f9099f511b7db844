/** A certificate authority made on the spot, and one server certificate that it signed. */
import { generate } from 'selfsigned';

export interface Certificates {
  /** What a client must trust, in PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const DAY = 86_400_000;

/** @param name the DNS name that the server certificate is for */
export async function makeCertificates(name: string): Promise<Certificates> {
  // From yesterday on, because the clock of a client may be a little behind.
  const validity = { notBeforeDate: new Date(Date.now() - DAY), notAfterDate: new Date(Date.now() + 30 * DAY) };
  const common = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', ...validity } as const;
  const authority = await generate([{ name: 'commonName', value: 'coloop example authority' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: name }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  return { ca: authority.cert, cert: server.cert, key: server.private };
}
