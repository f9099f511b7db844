/* One direction of a simulated connection: latency, jitter, bandwidth, a window, and what happens in place of a byte. */
import type { LinkSettings } from './link.ts';
import type { Outside } from './world.ts';

/** One end of a connection, as the network calls it. */
export interface End {
  /** Bytes have come. */
  received(bytes: Uint8Array): void;
  /** The peer will send nothing more. */
  peerEnded(): void;
  /** The peer has gone: it reads nothing any more. */
  peerGone(): void;
  /** The connection is broken. */
  broken(): void;
}

type Item =
  | { readonly due: number; readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly due: number; readonly kind: 'end' | 'gone' | 'reset' };

/** A write that waits for room. */
export interface Held {
  readonly bytes: Uint8Array;
  readonly accepted: () => void;
}

/** The size of the chunks that a write is cut into if the bandwidth is limited: as much as an Ethernet frame carries. */
const SEGMENT = 1_460;

/** One direction of a connection: bytes go in at one end and come out at the other, later and in order. */
export class Pipe {
  readonly #outside: Outside;
  readonly #link: LinkSettings;
  readonly #label: string;
  readonly #receiver: End;
  #items: Item[] = [];
  #held: Held[] = [];
  /** Sent or on the way, and not yet read. */
  #unread = 0;
  #freeAt = 0;
  #lastDue = 0;
  #delivered = 0;
  #closing: 'end' | 'gone' | undefined;
  #ended = false;
  #frozen = false;
  #cancelEvent: (() => void) | undefined;
  /** Events that happen in place of a byte, by its number. */
  readonly #limits: { readonly at: number; readonly happen: () => void }[];

  constructor(
    outside: Outside,
    link: LinkSettings,
    label: string,
    receiver: End,
    limits: readonly { readonly at: number; readonly happen: () => void }[] = [],
  ) {
    this.#outside = outside;
    this.#link = link;
    this.#label = label;
    this.#receiver = receiver;
    this.#limits = [...limits].sort((a, b) => a.at - b.at);
  }

  hasRoom(bytes: number): boolean {
    return this.#held.length === 0 && (this.#unread === 0 || this.#unread + bytes <= this.#link.window);
  }

  /** Sends as soon as there is room, and then calls `accepted`; returns what `withdraw` takes. */
  write(bytes: Uint8Array, accepted: () => void): Held {
    const held = { bytes, accepted };
    this.#held.push(held);
    this.#sendHeld();
    return held;
  }

  withdraw(held: Held): void {
    const at = this.#held.indexOf(held);
    if (at !== -1) this.#held.splice(at, 1);
  }

  /** Ends the direction, after all that was written. */
  end(): void {
    this.#closing ??= 'end';
    this.#sendHeld();
  }

  /** Tells the receiver that the sender has gone. What waits for room is lost. */
  gone(): void {
    this.#held = [];
    this.#ended = false;
    this.#closing = 'gone';
    this.#sendHeld();
  }

  /** Breaks the connection, after what is on the way. What waits for room is lost. */
  reset(): void {
    this.#held = [];
    this.#push({ due: this.#dueOf(0), kind: 'reset' });
  }

  /** The receiver has read. */
  consumed(bytes: number): void {
    this.#unread -= bytes;
    this.#sendHeld();
  }

  /** Nothing comes out until `thaw`. */
  freeze(): void {
    this.#frozen = true;
    this.#cancelEvent?.();
    this.#cancelEvent = undefined;
  }

  /** What was on the way arrives now, as if it were sent again. */
  thaw(): void {
    this.#frozen = false;
    const soonest = this.#outside.world.now() + this.#link.latency;
    this.#items = this.#items.map((item) => ({ ...item, due: Math.max(item.due, soonest) }));
    this.#lastDue = this.#items.at(-1)?.due ?? this.#lastDue;
    this.#schedule();
  }

  /** Nothing comes out any more. */
  close(): void {
    this.#items = [];
    this.#held = [];
    this.freeze();
  }

  #sendHeld(): void {
    for (let held = this.#held[0]; held !== undefined; held = this.#held[0]) {
      if (this.#unread > 0 && this.#unread + held.bytes.length > this.#link.window) return;
      this.#held.shift();
      this.#send(held.bytes);
      held.accepted();
    }
    if (this.#closing === undefined || this.#ended) return;
    this.#ended = true;
    this.#push({ due: this.#dueOf(0), kind: this.#closing });
  }

  #send(bytes: Uint8Array): void {
    this.#unread += bytes.length;
    const size = this.#link.bandwidth === Number.POSITIVE_INFINITY ? bytes.length : SEGMENT;
    for (let at = 0; at < bytes.length; at += size) {
      // A copy, since the writer may use its buffer again.
      const chunk = Uint8Array.from(bytes.subarray(at, at + size));
      this.#push({ due: this.#dueOf(chunk.length), kind: 'data', bytes: chunk });
    }
  }

  #dueOf(bytes: number): number {
    const { latency, jitter, bandwidth } = this.#link;
    const { world } = this.#outside;
    this.#freeAt = Math.max(this.#freeAt, world.now()) + (bytes * 1_000) / bandwidth;
    const late = jitter === 0 ? 0 : world.random() * jitter;
    this.#lastDue = Math.max(this.#lastDue, this.#freeAt + latency + late);
    return this.#lastDue;
  }

  #push(item: Item): void {
    this.#items.push(item);
    if (this.#items.length === 1) this.#schedule();
  }

  #schedule(): void {
    const [first] = this.#items;
    if (first === undefined || this.#frozen) return;
    this.#cancelEvent?.();
    const ms = Math.max(0, first.due - this.#outside.world.now());
    this.#cancelEvent = this.#outside.after(ms, this.#label, this.#deliver);
  }

  readonly #deliver = (): void => {
    this.#cancelEvent = undefined;
    const now = this.#outside.world.now();
    while (!this.#frozen) {
      const [item] = this.#items;
      if (item === undefined || item.due > now) break;
      this.#items.shift();
      if (item.kind === 'data') this.#give(item.bytes);
      else if (item.kind === 'end') this.#receiver.peerEnded();
      else if (item.kind === 'gone') this.#receiver.peerGone();
      else this.#receiver.broken();
    }
    this.#schedule();
  };

  #give(bytes: Uint8Array): void {
    const [limit] = this.#limits;
    if (limit === undefined || this.#delivered + bytes.length <= limit.at) {
      this.#delivered += bytes.length;
      this.#receiver.received(bytes);
      return;
    }
    const before = bytes.subarray(0, limit.at - this.#delivered);
    this.#delivered += before.length;
    this.#limits.shift();
    if (before.length > 0) this.#receiver.received(before);
    limit.happen();
  }
}
