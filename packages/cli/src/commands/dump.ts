import type { Operation } from '@coloop/core';
import { lookAt } from '../attach/look-at.ts';
import type { Command } from '../command.ts';

/** The same as `ps`, as JSON for other programs. */
export const dump: Command = {
  takes: 'PID | SOCKET',
  summary: 'the same as JSON',
  *run(args, out): Operation<number> {
    const copies = yield* lookAt(args);
    out.write(`${JSON.stringify({ copies }, null, 2)}\n`);
    return 0;
  },
};
