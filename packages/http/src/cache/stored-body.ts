import type { OpenCall } from '../call/call.ts';
import { IncomingBody } from '../response/incoming-body.ts';

/** The body of a response that was kept: all of it is here, and its memory is the reader's own. */
export class StoredBody extends IncomingBody<OpenCall> {
  readonly trailers = undefined;

  constructor(call: OpenCall, bytes: Uint8Array) {
    super(call, { idle: Number.POSITIVE_INFINITY });
    call.addStream(this);
    this.length = bytes.length;
    this.state = 'body';
    if (bytes.length > 0) this.deliver(bytes.slice());
    this.end();
    this.closedNow();
  }

  protected pull(): void {}

  protected drain(): void {}

  protected failed(): void {}

  protected cutOff(): void {}
}
