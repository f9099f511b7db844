import { HostWait } from '../waits.ts';

/** Where the pieces of one body come in. */
export interface PieceInbox {
  /** The next piece, or the end; undefined where neither is there yet. */
  pieceNowait(): IteratorResult<Uint8Array, void> | undefined;
  /** Who is to be woken with it. */
  awaitPiece(wait: PieceWait | undefined): void;
}

/** Waiting for a piece of a body. Given up, it loses nothing: a piece that comes later stays for the next reader. */
export class PieceWait extends HostWait<IteratorResult<Uint8Array, void>> {
  readonly #pieces: PieceInbox;

  constructor(pieces: PieceInbox) {
    super();
    this.#pieces = pieces;
  }

  get label(): string {
    return 'the body of the response';
  }

  override poll(waiter: Parameters<HostWait<unknown>['poll']>[0]): boolean {
    super.poll(waiter);
    const result = this.#pieces.pieceNowait();
    return result === undefined ? false : this.finish(result);
  }

  protected begin(): void {
    this.#pieces.awaitPiece(this);
  }

  protected end(): void {
    this.#pieces.awaitPiece(undefined);
  }
}
