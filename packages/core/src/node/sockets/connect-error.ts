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
  const { code = 'UNKNOWN', message } = first(cause);
  const advice = ADVICE[code] ?? (CERTIFICATE.test(code) ? `${message}. ${TRUST}` : `${message}.`);
  return new ConnectError(`${what}: ${advice}`, code, cause);
}

/** Node tries several addresses, and puts their errors into one without a message. */
function first(cause: unknown): NodeJS.ErrnoException {
  const { errors } = cause as { errors?: readonly NodeJS.ErrnoException[] };
  return errors?.[0] ?? (cause as NodeJS.ErrnoException);
}

const CERTIFICATE = /CERT|ISSUER|VERIFY|ALTNAME/;
const TRUST =
  'The certificate is not trusted for that name: give its authority as `tls.ca`, or the right name as `tls.servername`.';

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there. Start the server, or correct the address.',
  ENOENT: 'there is no such socket. Start the server, or correct the path.',
  ENOTFOUND: 'the name of the host does not exist. Correct it.',
  EACCES: 'this user may not use it. Ports below 1024 and the paths of others need more rights.',
  EADDRINUSE: 'somebody else listens there. End that program, or choose another one; port 0 lets the system choose.',
  EADDRNOTAVAIL: 'this machine does not have that address.',
};
