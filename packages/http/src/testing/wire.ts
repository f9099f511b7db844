import type { LinkSettings } from './link.ts';
import { type End, Pipe } from './pipe.ts';
import type { Outside } from './world.ts';

/** A connection between two ends. */
export class Wire {
  readonly toServer: Pipe;
  readonly toClient: Pipe;
  #frozenBy = 0;
  #silent = false;

  constructor(outside: Outside, link: LinkSettings, client: End, server: End, place: string) {
    this.toServer = new Pipe(outside, link, `bytes to ${place}`, server);
    this.toClient = new Pipe(outside, link, `bytes from ${place}`, client, [
      { at: link.resetAfter, happen: () => this.#breakBoth(client, server) },
      { at: link.silentAfter, happen: () => this.silence() },
    ]);
  }

  /** Nothing comes through any more, in either direction, without any sign to the two sides. */
  silence(): void {
    this.#silent = true;
    this.toServer.freeze();
    this.toClient.freeze();
  }

  /** A machine on the way was unplugged, or plugged in again. */
  plug(inAgain: boolean): void {
    this.#frozenBy += inAgain ? -1 : 1;
    if (this.#silent) return;
    for (const pipe of [this.toServer, this.toClient]) {
      if (this.#frozenBy > 0) pipe.freeze();
      else pipe.thaw();
    }
  }

  /** Ends both directions: nothing is delivered any more. */
  close(): void {
    this.toServer.close();
    this.toClient.close();
  }

  #breakBoth(client: End, server: End): void {
    this.close();
    client.broken();
    server.broken();
  }
}
