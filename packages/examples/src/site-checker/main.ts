/** `start`: the site checker as a command. */
import { main } from '@coloop/core/node';
import { program } from './command/program.ts';

// A reader that has enough, such as `head`, closes the pipe: that is its right and no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

await main(function* () {
  process.exitCode = yield* program(process.argv.slice(2), process.stdout, process.stderr);
});
