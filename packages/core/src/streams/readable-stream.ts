/** Nothing is read before the consumer asks: the platform's queue stays empty. */
const STRICT = { highWaterMark: 0 };

/**
 * A `ReadableStream` for a consumer in the host.
 *
 * @param next what comes next, called when the consumer asks; never called again before its promise has settled
 * @param close called when the consumer wants no more
 * @example
 * ```ts
 * import { readableStream } from '@coloop/core/lowlevel';
 *
 * const letters = ['a', 'b'].values();
 * const stream = readableStream(
 *   async () => letters.next() as IteratorResult<string, void>,
 *   async () => undefined,
 * );
 * for await (const letter of stream) console.log(letter);
 * //> a
 * //> b
 * ```
 */
export function readableStream<T>(
  next: () => Promise<IteratorResult<T, void>>,
  close: () => Promise<unknown>,
): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const result = await next();
        if (result.done) controller.close();
        else controller.enqueue(result.value);
      },
      async cancel() {
        await close();
      },
    },
    STRICT,
  );
}
