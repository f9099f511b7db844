/** The door of `@coloop/cli`: the command `coloop` as a word, for programs that bring it along. */

export { coloop } from './coloop.ts';
export type { Output } from './command.ts';
