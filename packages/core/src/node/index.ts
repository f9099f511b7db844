/** The door `@coloop/core/node`: what a program in Node needs besides the words that run everywhere. */

export { asyncContext } from './async-context.ts';
export { type MainOptions, main } from './main.ts';
