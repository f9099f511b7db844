/* Frames of WebSocket as a server reads and writes them: RFC 6455, section 5, without extensions. */

/** What a frame carries. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame of a client, unmasked. */
export interface Frame {
  readonly opcode: number;
  /** Whether it ends its message. */
  readonly final: boolean;
  readonly payload: Uint8Array;
}

/** The bytes of one frame of a server, which masks none. */
export function frameOf(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const bytes = new Uint8Array(2 + extra + length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | opcode;
  bytes[1] = extra === 0 ? length : extra === 2 ? 126 : 127;
  if (extra === 2) view.setUint16(2, length);
  if (extra === 8) view.setBigUint64(2, BigInt(length));
  bytes.set(payload, 2 + extra);
  return bytes;
}

/** Cuts bytes into frames. */
export class FrameReader {
  #bytes: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
  }

  /**
   * The next frame; undefined until all of it is here.
   *
   * @throws Error if the client does not mask it, or uses what was not agreed on
   */
  next(): Frame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const first = bytes[0] as number;
    const second = bytes[1] as number;
    if ((first & 0x70) !== 0) throw new Error('The client of a WebSocket uses an extension that was not agreed on.');
    if ((second & 0x80) === 0) throw new Error('The client of a WebSocket has sent a frame without a mask.');
    const short = second & 0x7f;
    const extra = short < 126 ? 0 : short === 126 ? 2 : 8;
    const start = 2 + extra + 4;
    if (bytes.length < start) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const length = extra === 0 ? short : extra === 2 ? view.getUint16(2) : Number(view.getBigUint64(2));
    if (bytes.length < start + length) return undefined;
    const mask = bytes.subarray(start - 4, start);
    const payload = bytes.slice(start, start + length).map((byte, index) => byte ^ (mask[index & 3] as number));
    this.#bytes = bytes.subarray(start + length);
    return { opcode: first & 0x0f, final: (first & 0x80) !== 0, payload };
  }
}
