/** A source that can use the memory of its chunks again. */
export interface Recycling {
  /** Takes a chunk of this source back; its reader does not look at it again. */
  recycle?(chunk: Uint8Array): void;
}
