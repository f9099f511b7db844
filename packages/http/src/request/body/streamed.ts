import { InvalidOptionError } from '../../errors.ts';
import type { BodyContent, RequestBody } from './body.ts';
import type { OwnedStream } from './owned-stream.ts';

/** A body that can be read once: a stream, an async iterable or a source. */
export class StreamedBody implements RequestBody {
  readonly length = undefined;
  readonly type = undefined;
  readonly replayable = false;
  readonly #stream: OwnedStream;

  constructor(stream: OwnedStream) {
    this.#stream = stream;
  }

  get spent(): boolean {
    return this.#stream.begun;
  }

  open(): OwnedStream {
    if (this.spent) {
      throw new InvalidOptionError(
        'The body is a stream and was sent already: give a function that makes it, so that it can be sent again.',
        { code: 'BODY_SPENT' },
      );
    }
    return this.#stream.open();
  }
}

/** A body that a function makes anew for every pass, so that redirects, retries and digest can repeat it. */
export class MadeBody implements RequestBody {
  readonly length = undefined;
  readonly type: string | undefined;
  readonly replayable = true;
  readonly spent = false;
  readonly #make: () => BodyContent;

  constructor(make: () => BodyContent, type?: string) {
    this.#make = make;
    this.type = type;
  }

  open(): BodyContent {
    return this.#make();
  }
}
