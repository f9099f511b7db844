/** A source that can use the memory of its pieces again. */
export interface Recycling {
  /** Takes a piece back that came from this source, and that nobody will look at again. */
  recycle?(piece: Uint8Array): void;
}
