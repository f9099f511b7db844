import { concat } from '../bytes/buffer.ts';
import type { ExchangeSeen } from '../call/trace.ts';
import { decodeText } from '../decode/charset.ts';
import { parseCodings } from '../decode/codings.ts';
import type { HarContent } from './types.ts';

/** The beginning of a body, kept as it comes in. */
export class BodyRecord {
  readonly #seen: ExchangeSeen;
  readonly #most: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #cut = false;

  constructor(seen: ExchangeSeen, most: number) {
    this.#seen = seen;
    this.#most = most;
    seen.body.watch((chunk) => this.#take(chunk));
  }

  #take(chunk: Uint8Array): void {
    const room = this.#most - this.#size;
    if (chunk.length > room) this.#cut = true;
    if (room <= 0) return;
    // A copy: the memory of a chunk is used again.
    const kept = Uint8Array.from(chunk.subarray(0, room));
    this.#chunks.push(kept);
    this.#size += kept.length;
  }

  /** The text of what was kept, decoded where all of it is here. */
  content(mimeType: string): Pick<HarContent, 'text' | 'encoding' | 'comment'> {
    const bytes = concat(this.#chunks);
    const coding = this.#seen.head.lines.get('content-encoding');
    const comment = this.#cut ? { comment: `the first ${this.#most} bytes` } : {};
    if (coding === null || this.#seen.decoder === null) return { ...textOf(bytes, mimeType), ...comment };
    const decoded = this.#cut ? undefined : this.#decoded(bytes, coding);
    if (decoded !== undefined) return textOf(decoded, mimeType);
    return {
      text: base64(bytes),
      encoding: 'base64',
      comment: [comment.comment, `still coded as ${coding}`].filter(Boolean).join(', '),
    };
  }

  #decoded(bytes: Uint8Array, coding: string): Uint8Array | undefined {
    const { decoder, request } = this.#seen;
    try {
      const limits = { ...request.options.limits, decompressed: this.#most * MOST_RATIO };
      const codings = parseCodings(coding, decoder?.known ?? new Set(), limits.codings);
      return decoder?.nowait([bytes], codings, limits, () => ({}));
    } catch {
      // Broken or too large: it is recorded as it came.
      return undefined;
    }
  }
}

const MOST_RATIO = 16;
const TEXT =
  /^(?:text\/|application\/(?:[\w.+-]*\+)?(?:json|xml|javascript|ecmascript|x-www-form-urlencoded|graphql)|image\/svg)/i;

function textOf(bytes: Uint8Array, mimeType: string): Pick<HarContent, 'text' | 'encoding'> {
  if (bytes.length === 0 || TEXT.test(mimeType)) return { text: decodeText(bytes, mimeType) };
  return { text: base64(bytes), encoding: 'base64' };
}

/** In parts, since a call takes so many arguments only. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}
