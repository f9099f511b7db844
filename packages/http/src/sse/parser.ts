/* The parser of an event stream; rules without I/O. */
import { LimitExceededError } from '../errors.ts';

/** One event of an event stream. */
export interface ServerSentEvent {
  /** `message` if the server gave no other. */
  readonly type: string;
  /** The lines of data, joined by LF. */
  readonly data: string;
  /** The last id that the server gave, also with an earlier event; empty before the first. */
  readonly lastEventId: string;
}

/**
 * Reads an event stream that comes in chunks of text.
 *
 * Lines end with LF, CR or CRLF; an event that is not closed by an empty line is dropped at the end, as the standard
 * says.
 *
 * Source: the HTML standard, section 9.2.6 ("Interpreting an event stream").
 */
export class EventStreamParser {
  /** What the server asked to wait before the next connection, in milliseconds. */
  retry: number | undefined;
  readonly #most: number;
  #begun = false;
  #afterCr = false;
  #line: string[] = [];
  #size = 0;
  #data: string[] = [];
  #type = '';
  #idBuffer: string;
  #lastEventId: string;

  /**
   * @param most - the longest event, in characters
   * @param lastEventId - the id that an earlier connection ended with
   */
  constructor(most: number, lastEventId = '') {
    this.#most = most;
    this.#idBuffer = lastEventId;
    this.#lastEventId = lastEventId;
  }

  /** The id to send as Last-Event-ID when connecting anew. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /**
   * Takes the next chunk and gives the events that it completes.
   *
   * @throws LimitExceededError for an event that is too long
   */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    let at = 0;
    if (!this.#begun && text !== '') {
      this.#begun = true;
      if (text.charCodeAt(0) === 0xfeff) at = 1;
    }
    // A CR ended the line at the end of the last chunk already: its LF is not a line of its own.
    if (this.#afterCr && text !== '') {
      this.#afterCr = false;
      if (text.charCodeAt(at) === LF) at++;
    }
    LINE_END.lastIndex = at;
    for (let end = LINE_END.exec(text); end !== null; end = LINE_END.exec(text)) {
      this.#keep(text.slice(at, end.index));
      at = LINE_END.lastIndex;
      this.#endLine(events);
      if (at === text.length && text.charCodeAt(at - 1) === CR) this.#afterCr = true;
    }
    this.#keep(text.slice(at));
    return events;
  }

  #keep(part: string): void {
    if (part === '') return;
    this.#size += part.length;
    if (this.#size > this.#most) {
      throw new LimitExceededError(
        `An event of the stream is longer than ${this.#most} characters: give a larger maxEventSize.`,
      );
    }
    this.#line.push(part);
  }

  #endLine(events: ServerSentEvent[]): void {
    const line = this.#line.length === 1 ? (this.#line[0] as string) : this.#line.join('');
    this.#line = [];
    if (line === '') {
      this.#dispatch(events);
      return;
    }
    const colon = line.indexOf(':');
    // A comment says nothing and counts for nothing, however many of them keep the connection alive.
    if (colon === 0) this.#size -= line.length;
    else if (colon === -1) this.#field(line, '');
    else this.#field(line.slice(0, colon), line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1));
  }

  #field(name: string, value: string): void {
    switch (name) {
      case 'event':
        this.#type = value;
        break;
      case 'data':
        this.#data.push(value);
        break;
      case 'id':
        if (!value.includes('\0')) this.#idBuffer = value;
        break;
      case 'retry':
        if (/^\d+$/.test(value)) this.retry = Number(value);
        break;
    }
  }

  #dispatch(events: ServerSentEvent[]): void {
    this.#lastEventId = this.#idBuffer;
    if (this.#data.length > 0) {
      const type = this.#type === '' ? 'message' : this.#type;
      events.push({ type, data: this.#data.join('\n'), lastEventId: this.#lastEventId });
    }
    this.#data = [];
    this.#type = '';
    this.#size = 0;
  }
}

const LINE_END = /\r\n|\n|\r/g;
const LF = 10;
const CR = 13;
const SPACE = 32;
