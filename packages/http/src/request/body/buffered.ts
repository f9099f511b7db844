import type { RequestBody } from './body.ts';

/** A body that lies in memory: its length is known and it can be sent any number of times. */
export class BufferedBody implements RequestBody {
  readonly length: number;
  readonly type: string | undefined;
  readonly replayable = true;
  readonly spent = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, type: string | undefined) {
    this.#bytes = bytes;
    this.length = bytes.length;
    this.type = type;
  }

  open(): Uint8Array {
    return this.#bytes;
  }
}
