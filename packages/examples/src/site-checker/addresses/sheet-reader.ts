/** Reads a style sheet whose bytes arrive in chunks. */
import { Collector } from './collector.ts';
import type { PageContent } from './page-content.ts';

export class SheetReader {
  readonly #url: string;
  readonly #decoder: TextDecoder;
  #text = '';

  /**
   * @param url where the sheet came from
   * @param charset what the Content-Type header says of the encoding
   */
  constructor(url: string, charset: string | undefined) {
    this.#url = url;
    this.#decoder = decoderOf(charset);
  }

  /** Takes the next bytes, and yields how many they were. */
  *write(bytes: Uint8Array): Generator<number, void> {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    yield bytes.length;
  }

  /** The end of the sheet. */
  end(): PageContent {
    return Collector.readSheet(this.#text + this.#decoder.decode(), this.#url);
  }
}

function decoderOf(charset = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
