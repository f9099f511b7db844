/** How a process has ended: by its own exit, with a code, or by a signal. */
export interface ExitStatus {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, such as 'SIGKILL'; null where it ended by itself. */
  readonly signal: string | null;
}

/** How many characters of what a process wrote last stand in a message. */
const EXCERPT = 300;

/** A process did not start, or did not end well. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
  /** The exit code; null where a signal ended it, and where it did not start. */
  readonly code: number | null;
  /** The signal that ended it; null else. */
  readonly signal: string | null;
  /** What it wrote to stdout. */
  readonly stdout: string;
  /** What it wrote to stderr. */
  readonly stderr: string;

  /** @internal */
  constructor(
    message: string,
    { code, signal }: ExitStatus,
    { stdout = '', stderr = '' }: { readonly stdout?: string; readonly stderr?: string } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.signal = signal;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/** The error for a process that has ended with another code than 0, or by a signal. */
export function exitError(file: string, status: ExitStatus, stdout: string, stderr: string): ProcessError {
  const how = status.signal === null ? `with code ${status.code}` : `by the signal ${status.signal}`;
  const said = stderr.trim();
  const excerpt = said.length > EXCERPT ? `…${said.slice(-EXCERPT)}` : said;
  const message =
    excerpt === '' ? `${file} ended ${how} and wrote nothing to stderr.` : `${file} ended ${how}: ${excerpt}`;
  return new ProcessError(message, status, { stdout, stderr });
}
