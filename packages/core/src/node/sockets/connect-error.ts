/** A connection could not be made, or a port could not be listened on; `cause` is the system's error. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  /** The system's code, such as 'ECONNREFUSED' or 'EADDRINUSE'. */
  readonly code: string;

  /** @internal */
  constructor(message: string, code: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** @param what what failed, as in `No connection to localhost:80` */
export function connectError(what: string, cause: unknown): ConnectError {
  const error = first(cause);
  const { code = 'UNKNOWN' } = error;
  return new ConnectError(`${what}: ${ADVICE[code] ?? explain(code, error)}`, code, cause);
}

function explain(code: string, error: { readonly message: string; readonly reason?: string }): string {
  if (CERTIFICATE.test(code)) return `${error.message}. ${TRUST}`;
  // OpenSSL's own line has addresses and file names around its reason.
  if (code.startsWith('ERR_SSL_')) return `TLS has failed (${error.reason ?? code}). ${NOT_TLS}`;
  return `${error.message}.`;
}

/** Node tries several addresses, and puts their errors into one without a message. */
function first(cause: unknown): NodeJS.ErrnoException {
  const { errors } = cause as { errors?: readonly NodeJS.ErrnoException[] };
  return errors?.[0] ?? (cause as NodeJS.ErrnoException);
}

const CERTIFICATE = /CERT|ISSUER|VERIFY|ALTNAME/;
const TRUST =
  'The certificate is not trusted for that name: give its authority as `tls.ca`, or the right name as `tls.servername`.';

const NOT_TLS = 'The port may not speak TLS, or not a version of it that is spoken here: see the port and `tls`.';

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there. Start the server, or correct the address.',
  ENOENT: 'there is no such socket. Start the server, or correct the path.',
  ENOTFOUND: 'the name of the host does not exist. Correct it.',
  EACCES: 'this user may not use it. Ports below 1024 and the paths of others need more rights.',
  EADDRINUSE: 'somebody else listens there. End that program, or choose another one; port 0 lets the system choose.',
  ECONNRESET: 'the other side took it and broke it off at once.',
  EADDRNOTAVAIL: 'this machine does not have that address.',
};
