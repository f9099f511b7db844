import { LimitExceededError } from '../errors.ts';

/**
 * Cuts text that comes in chunks into lines, which end with LF or CRLF.
 *
 * A line that spans many chunks is joined once, so the time is linear in the text.
 */
export class LineSplitter {
  readonly #most: number;
  #parts: string[] = [];
  #length = 0;

  /** @param most - the longest line, in characters */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes the next chunk and adds the lines that it completes, without their ends, to `lines`.
   *
   * @throws LimitExceededError for a line that is too long
   */
  push(chunk: string, lines: string[]): void {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      lines.push(this.#take(chunk.slice(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.slice(start));
  }

  /** The last line, where the text does not end with a line's end. */
  end(): string | undefined {
    return this.#parts.length === 0 ? undefined : this.#take('');
  }

  #keep(part: string): void {
    this.#length += part.length;
    if (this.#length > this.#most) {
      throw new LimitExceededError(
        `A line is longer than ${this.#most} characters (limits.buffered): read chunks() instead of lines(), or raise the limit.`,
      );
    }
    this.#parts.push(part);
  }

  #take(rest: string): string {
    this.#keep(rest);
    const line = this.#parts.length === 1 ? rest : this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}
