/** What runs until it is closed. */
export interface Closable {
  /** Ends it, and returns when nothing is left of it. */
  close(): Promise<void>;
}
