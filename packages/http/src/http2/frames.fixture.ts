/* A server that speaks HTTP/2 frame by frame, so that it can say what no codec would let it say. */
import type { Socket } from 'node:net';
import type { RunningServer } from '@coloop/test-servers';
import { serveRaw } from '@coloop/test-servers/vitest';

/** The types of frames: RFC 9113, section 6. */
export const TYPES = { data: 0, headers: 1, reset: 3, settings: 4, push: 5, ping: 6, goaway: 7, window: 8, more: 9 };

const PREFACE = 24;
const FRAME_HEAD = 9;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * index);
  return bytes;
}

/** @param streams - SETTINGS_MAX_CONCURRENT_STREAMS; undefined to leave it out */
export function settings(streams?: number): Buffer {
  if (streams === undefined) return frame(TYPES.settings, 0, 0);
  return frame(TYPES.settings, 0, 0, Buffer.concat([Buffer.from([0, 3]), words(streams)]));
}

const settingsAck: Buffer = frame(TYPES.settings, 1, 0);

/** A field that is not indexed, with texts below 127 bytes. */
export function field(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

/** `:status: 200` of the static table. */
export const OK: Buffer = Buffer.from([0x88]);

export function headers(stream: number, block: Uint8Array = OK, end = false): Buffer {
  return frame(TYPES.headers, end ? 5 : 4, stream, block);
}

export function data(stream: number, text: string, end = false): Buffer {
  return frame(TYPES.data, end ? 1 : 0, stream, Buffer.from(text));
}

export function reset(stream: number, code: number): Buffer {
  return frame(TYPES.reset, 0, stream, words(code));
}

export function goaway(last: number, code = 0): Buffer {
  return frame(TYPES.goaway, 0, 0, words(last, code));
}

export function promise(stream: number): Buffer {
  return frame(TYPES.push, 4, stream, Buffer.concat([words(2), Buffer.from([0x82, 0x84, 0x86])]));
}

/** The whole response `ok`. */
export function okay(stream: number): Buffer {
  return Buffer.concat([headers(stream), data(stream, 'ok', true)]);
}

/** What a client has sent. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** How a server of frames behaves. */
export interface FrameServer {
  /** Is called for each connection; the default sends SETTINGS that allow 100 streams. */
  readonly connected?: (socket: Socket, connection: number) => void;
  /** Is called for the head of each request. */
  readonly request: (socket: Socket, stream: number, connection: number) => void;
  /** Is called for every other frame. */
  readonly other?: (socket: Socket, frame: Frame) => void;
}

/** Serves frames until the test ends. */
export function serveFrames({ connected, request, other }: FrameServer): Promise<RunningServer> {
  return serveRaw((socket, connection) => {
    if (connected === undefined) socket.write(settings(100));
    else connected(socket, connection);
    let left = PREFACE;
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < left) return;
      bytes = bytes.subarray(left);
      left = 0;
      for (let next = firstOf(bytes); next !== undefined; next = firstOf(bytes)) {
        bytes = bytes.subarray(FRAME_HEAD + next.payload.length);
        // Its own settings come first, whenever they do.
        if (next.type === TYPES.settings && (next.flags & 1) === 0 && socket.bytesWritten > 0)
          socket.write(settingsAck);
        if (next.type === TYPES.headers) request(socket, next.stream, connection);
        else other?.(socket, next);
      }
    });
    socket.on('end', () => socket.end());
  });
}

function firstOf(bytes: Buffer): Frame | undefined {
  if (bytes.length < FRAME_HEAD) return undefined;
  const end = FRAME_HEAD + bytes.readUIntBE(0, 3);
  if (bytes.length < end) return undefined;
  const [type, flags] = [bytes[3] as number, bytes[4] as number];
  return { type, flags, stream: bytes.readUInt32BE(5), payload: bytes.subarray(FRAME_HEAD, end) };
}
