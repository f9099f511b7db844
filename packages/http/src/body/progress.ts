import type { Operation, Source } from '@coloop/core';
import type { BodyContent, RequestBody } from '../body.ts';
import type { Progress } from '../request.ts';

/**
 * Reports how far a body has come: once per piece, after it was taken.
 *
 * @param report - an error that it throws ends the transfer
 */
export class ProgressSource implements Source<Uint8Array> {
  readonly #source: Source<Uint8Array>;
  readonly #direction: Progress['direction'];
  readonly #total: number | undefined;
  readonly #report: (progress: Progress) => void;
  #bytes = 0;

  constructor(
    source: Source<Uint8Array>,
    direction: Progress['direction'],
    total: number | undefined,
    report: (progress: Progress) => void,
  ) {
    this.#source = source;
    this.#direction = direction;
    this.#total = total;
    this.#report = report;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    const piece = yield* this.#source.next();
    if (piece.done) return piece;
    this.#bytes += piece.value.length;
    this.#report({ direction: this.#direction, bytes: this.#bytes, total: this.#total });
    return piece;
  }

  close(): Operation<void> {
    return this.#source.close();
  }
}

/** A body whose sending is reported; one that lies in memory goes out in pieces, so that there is something to report. */
export class ReportedBody implements RequestBody {
  readonly #body: RequestBody;
  readonly #report: (progress: Progress) => void;

  constructor(body: RequestBody, report: (progress: Progress) => void) {
    this.#body = body;
    this.#report = report;
  }

  get length(): number | undefined {
    return this.#body.length;
  }

  get type(): string | undefined {
    return this.#body.type;
  }

  get encoding(): string | undefined {
    return this.#body.encoding;
  }

  get replayable(): boolean {
    return this.#body.replayable;
  }

  get spent(): boolean {
    return this.#body.spent;
  }

  open(): BodyContent {
    const content = this.#body.open();
    const source = content instanceof Uint8Array ? new CutSource(content) : content;
    return new ProgressSource(source, 'upload', this.#body.length, this.#report);
  }
}

class CutSource implements Source<Uint8Array> {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  *next(): Operation<IteratorResult<Uint8Array, void>> {
    if (this.#at >= this.#bytes.length) return { done: true, value: undefined };
    const piece = this.#bytes.subarray(this.#at, this.#at + PIECE);
    this.#at += PIECE;
    return { done: false, value: piece };
  }

  *close(): Operation<void> {
    this.#at = this.#bytes.length;
  }
}

const PIECE = 65_536;
