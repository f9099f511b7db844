/** Something that the user can put right: one sentence, no stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
