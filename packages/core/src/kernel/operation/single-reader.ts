/** The error for a `next` that begins while another one of the same source is waiting. */
export function secondNext(label: string, advice: string): Error {
  return new Error(
    `${label}: next() was called while another next() of it is waiting. A source has one reader at a time: wait for the ` +
      `first with \`yield* source.next()\`, or ${advice}.`,
  );
}
