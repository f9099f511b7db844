/** What a request is given: a connection, or the right to open one. */
export type SlotGrant<C> =
  | { readonly kind: 'reuse'; readonly connection: C }
  | { readonly kind: 'open'; readonly evicted: C | undefined };

/** A request that waits for a grant. */
export interface SlotWaiter<C> {
  readonly key: string;
  /** Whether a connection of this key may turn out to be one that is shared. */
  readonly gathers: boolean;
  /** The place in the queue; smaller is served first. */
  readonly order: number;
  /** Takes the grant; returns false if the request no longer wants it. */
  grant(grant: SlotGrant<C>): boolean;
}
