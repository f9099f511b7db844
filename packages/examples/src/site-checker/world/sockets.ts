/** Ending a server for good: its sockets are destroyed, and it has ended when they say so. */
import type { Socket } from 'node:net';

export class Sockets {
  readonly #open = new Set<Socket>();
  #seen = 0;

  /** Sockets so far, those that are closed included. */
  get seen(): number {
    return this.#seen;
  }

  get open(): number {
    return this.#open.size;
  }

  readonly add = (socket: Socket): void => {
    this.#seen++;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  };

  /** Returns after the 'close' of the last one. */
  async destroy(): Promise<void> {
    await Promise.all(
      [...this.#open].map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy())),
    );
  }
}
