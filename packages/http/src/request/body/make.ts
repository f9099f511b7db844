/* The body of a request, made from the one option of `json`, `form`, `multipart` and `body` that was given. */
import { invalidKind, own } from '../../checks.ts';
import { InvalidOptionError } from '../../errors.ts';
import type { BodyContent, RequestBody } from './body.ts';
import { BufferedBody } from './buffered.ts';
import { bytesOf, isStream, type StreamInput } from './chunks.ts';
import { type Form, formBody } from './form.ts';
import { type HandedIn, handedIn } from './handed-in.ts';
import { jsonBody } from './json.ts';
import { Multipart, multipartBody } from './multipart.ts';
import { type OwnedStream, takeStream } from './owned-stream.ts';
import { MadeBody, StreamedBody } from './streamed.ts';

/** What may be given as `body`, or made by a function that is given as `body`. */
export type BodyValue = string | Uint8Array | ArrayBuffer | Blob | URLSearchParams | FormData | StreamInput;

/** The options that give a request its body; at most one of them. */
export interface BodyOptions {
  readonly json?: unknown;
  readonly form?: Form | undefined;
  readonly multipart?: FormData | Multipart | undefined;
  readonly body?: BodyValue | (() => BodyValue) | null | undefined;
}

/**
 * Makes the body of a request from its options; null if there is none.
 *
 * @param entropy - fills bytes that cannot be guessed, for the boundary of a multipart form
 * @param handed - the streams among the options
 * @throws InvalidOptionError for two of the options at once, and for what cannot be sent
 */
export function makeBody(
  options: BodyOptions,
  entropy: Entropy,
  handed: HandedIn | null = handedIn(options),
): RequestBody | null {
  const given = NAMES.filter(
    (name) => own(options, name) !== undefined && (name === 'json' || own(options, name) !== null),
  );
  if (given.length > 1) {
    throw new InvalidOptionError(
      `The options ${given.join(' and ')} were given, and a request has one body: leave ${given.length > 2 ? 'all but one' : 'one'} out.`,
    );
  }
  switch (given[0]) {
    case 'json':
      return jsonBody(options.json);
    case 'form':
      return formBody(options.form as Form);
    case 'multipart':
      return multipartOf(options.multipart, entropy, handed);
    case 'body':
      return bodyOf(options.body as BodyValue | (() => BodyValue), entropy, (stream) => ownedBy(handed, stream));
    default:
      return null;
  }
}

/** Fills bytes that cannot be guessed. */
type Entropy = (bytes: Uint8Array) => Uint8Array;

/** How a stream becomes the request's own. */
type Take = (stream: StreamInput) => OwnedStream;

const NAMES = ['json', 'form', 'multipart', 'body'] as const;

function ownedBy(handed: HandedIn | null, stream: StreamInput): OwnedStream {
  return handed === null ? takeStream(stream) : handed.of(stream);
}

function multipartOf(value: unknown, entropy: Entropy, handed: HandedIn | null): RequestBody {
  if (value instanceof Multipart || value instanceof FormData) {
    return multipartBody(value, entropy, (stream) => ownedBy(handed, stream));
  }
  throw invalidKind("The option 'multipart'", value, 'give a Multipart or a FormData; plain fields belong in form');
}

function bodyOf(value: BodyValue | (() => BodyValue), entropy: Entropy, take: Take): RequestBody {
  if (typeof value === 'function') return new MadeBody(() => contentOf(value(), entropy));
  if (typeof value === 'string') return new BufferedBody(bytesOf(value), 'text/plain;charset=UTF-8');
  if (value instanceof Uint8Array || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return new BufferedBody(bytesOf(value), undefined);
  }
  if (value instanceof URLSearchParams) return formBody(value);
  if (value instanceof FormData) return multipartBody(value, entropy, take);
  if (value instanceof Blob) return new BlobBody(value);
  if (isStream(value)) return new StreamedBody(take(value));
  throw invalidKind(
    "The option 'body'",
    value,
    'give text, bytes, a stream, an async iterable or a function that makes one of them; objects belong in json or form',
  );
}

// A function's product has the same forms; a form among them would need a Content-Type that was sent before it was
// made.
function contentOf(value: unknown, entropy: Entropy): BodyContent {
  if (typeof value === 'function' || value instanceof FormData || value instanceof URLSearchParams) {
    throw invalidKind('What the function given as body made', value, 'let it make text, bytes or a stream');
  }
  return bodyOf(value as BodyValue, entropy, takeStream).open();
}

class BlobBody implements RequestBody {
  readonly length: number;
  readonly type: string | undefined;
  readonly replayable = true;
  readonly spent = false;
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.#blob = blob;
    this.length = blob.size;
    this.type = blob.type === '' ? undefined : blob.type;
  }

  open(): BodyContent {
    return takeStream(this.#blob.stream()).open();
  }
}
