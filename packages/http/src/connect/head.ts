import { trimOws } from '../headers.ts';

/** The head of an HTTP/1.1 response. */
export interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
}

/**
 * Reads the head of the response to a CONNECT, strictly: anything that two readers could take differently is refused.
 *
 * @returns undefined while the end of the head is missing
 * @throws SyntaxError if the bytes are not the head of an HTTP/1.x response
 *
 * Source: RFC 9112, sections 2 to 5.
 */
export function readHead(bytes: Buffer): { readonly value: Head; readonly used: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) {
    checkStart(bytes);
    return undefined;
  }
  const [first, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const match = /^HTTP\/1\.[01] ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(first as string);
  if (match === null) throw new SyntaxError(`its status line is ${JSON.stringify((first as string).slice(0, 80))}`);
  const headers = new Headers();
  for (const line of lines) {
    const parts = /^([!#$%&'*+\-.^_`|~\dA-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
    if (parts === null) throw new SyntaxError(`its header line ${JSON.stringify(line.slice(0, 80))} is malformed`);
    headers.append(parts[1] as string, trimOws(parts[2] as string));
  }
  return { value: { status: Number(match[1]), reason: match[2] ?? '', headers }, used: end + 4 };
}

// A peer that speaks something else is recognised by its first bytes, not by a limit or a timeout.
function checkStart(bytes: Buffer): void {
  const start = bytes.toString('latin1', 0, PREFIX.length);
  if (!PREFIX.startsWith(start)) throw new SyntaxError(`it begins with ${JSON.stringify(start)}`);
}

const PREFIX = 'HTTP/1.';
