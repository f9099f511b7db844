/* What a failure of TLS says, and what the user can do about it: it is not the same for a server and for a proxy. */

import type { Http2Choice } from '../request/connection-options.ts';

/** Who the peer is to the request. */
export type TlsRole = 'origin' | 'proxy';

/** Whether TLS failed, also after its handshake: a server of TLS 1.3 refuses the client's certificate only then. */
export function isTlsFailure(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^ERR_SSL_/.test(error.code);
}

/**
 * What went wrong, and what helps there.
 *
 * @param http2 - what the peer was offered
 */
export function explainTls(error: NodeJS.ErrnoException, role: TlsRole, http2: Http2Choice = false): string {
  const alert = alertOf(error.code ?? '');
  const advice = alert === NO_PROTOCOL && role === 'origin' ? `${protocolAdvice(http2)}.` : ADVICE.get(alert)?.[role];
  // OpenSSL's own line has addresses and file names around its reason.
  const { reason } = error as { readonly reason?: unknown };
  const what = typeof reason === 'string' && /^\w+:error:/.test(error.message) ? reason : error.message;
  return `${what}; ${advice ?? OTHER[role]}`;
}

/** What helps where client and server have no version of HTTP in common. */
export function protocolAdvice(http2: Http2Choice): string {
  if (http2 === 'only')
    return "it may speak HTTP/1.1 alone: open the session with http2: true, or leave out http2: 'only'";
  if (http2) return 'it speaks neither HTTP/2 nor HTTP/1.1: look at what it speaks with `openssl s_client -alpn`';
  return 'it may speak HTTP/2 alone: open the session with http2: true';
}

const NO_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

/** OpenSSL 3.2 calls the alerts by another name than the versions before it, and Node makes the codes of the names. */
function alertOf(code: string): string {
  return code.replace('ERR_SSL_SSL/TLS_ALERT_', 'ERR_SSL_SSLV3_ALERT_');
}

type Advice = Readonly<Record<TlsRole, string>>;

/** What a request is told of its server concerns no proxy, which has settings of its own. */
const TRUST: Advice = {
  origin: 'give its CA with ssl: createSslContext({ cafile }), or for this request alone ssl: false.',
  proxy: 'give its CA with proxy: { url, ssl: { cafile } }, or for this proxy alone proxy: { url, ssl: false }.',
};
const NAME: Advice = {
  origin: 'ask for a name of the certificate, or give ssl: { servername }.',
  proxy: 'write a name of the certificate into its URL, or give proxy: { url, ssl: { servername } }.',
};
const NOT_TLS: Advice = {
  origin: 'the port may not speak TLS: ask with http://.',
  proxy: 'the port may not speak TLS: write the proxy with http://.',
};
const VERSION: Advice = {
  origin: 'it speaks none of the versions between minVersion and maxVersion of ssl.',
  proxy: 'it speaks none of the versions between minVersion and maxVersion of proxy: { url, ssl }.',
};
const WANTS_CERTIFICATE: Advice = {
  origin: 'it wants a certificate of the client: give one with ssl: { cert, key }.',
  proxy: 'it wants a certificate of the client: give one with proxy: { url, ssl: { cert, key } }.',
};
const OTHER_CERTIFICATE: Advice = {
  origin: 'it does not accept the certificate of the client: give another one with ssl: { cert, key }.',
  proxy: 'it does not accept the certificate of the client: give another one with proxy: { url, ssl: { cert, key } }.',
};
const NO_AGREEMENT: Advice = {
  origin: 'the port may not speak TLS, there may be no common version or cipher, or it wants ssl: { cert, key }.',
  proxy:
    'the port may not speak TLS, there may be no common version or cipher, or it wants proxy: { url, ssl: { cert, key } }.',
};

const DATES: Advice = {
  origin: 'its operator has to renew it, or the clock of this machine is wrong; for this request alone ssl: false.',
  proxy:
    'its operator has to renew it, or the clock of this machine is wrong; for this proxy alone proxy: { url, ssl: false }.',
};
/** Where nothing better is known. */
const OTHER: Advice = {
  origin: 'look at what it speaks with `openssl s_client -connect`, and at the settings in ssl.',
  proxy: 'look at what it speaks with `openssl s_client -connect`, and at the settings in proxy: { url, ssl }.',
};

const ADVICE: ReadonlyMap<string, Advice> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', TRUST],
  ['SELF_SIGNED_CERT_IN_CHAIN', TRUST],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', TRUST],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', TRUST],
  ['UNABLE_TO_GET_ISSUER_CERT', TRUST],
  ['ERR_TLS_CERT_ALTNAME_INVALID', NAME],
  ['ERR_SSL_WRONG_VERSION_NUMBER', NOT_TLS],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', VERSION],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', WANTS_CERTIFICATE],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', NO_AGREEMENT],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', OTHER_CERTIFICATE],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', OTHER_CERTIFICATE],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', OTHER_CERTIFICATE],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', OTHER_CERTIFICATE],
  ['ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE', OTHER_CERTIFICATE],
  ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', OTHER_CERTIFICATE],
  ['ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR', OTHER_CERTIFICATE],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', OTHER_CERTIFICATE],
  ['CERT_HAS_EXPIRED', DATES],
  ['CERT_NOT_YET_VALID', DATES],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', NAME],
  ['EPROTO', NO_AGREEMENT],
]);
