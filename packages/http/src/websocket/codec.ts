/** What is needed of the framing library, so that our declarations do not ask users for its types. */
export interface Codec {
  readonly protocol: string;
  readonly readyState: number;
  readonly isPaused: boolean;
  on(event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown;
  on(event: 'pong', listener: (data: Uint8Array) => void): unknown;
  on(event: 'ping', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: (code: number, reason: Uint8Array) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  send(data: string | ArrayBuffer | Uint8Array, sent: (error?: Error | null) => void): void;
  ping(payload?: string): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** A message as the framing library gives it: whole, or in its fragments. */
export type RawData = Uint8Array | ArrayBuffer | readonly Uint8Array[];
