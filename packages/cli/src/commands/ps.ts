import type { Operation } from '@coloop/core';
import { formatTrees } from '@coloop/core/inspect';
import { type CopyTrees, lookAt } from '../attach/look-at.ts';
import type { Command } from '../command.ts';

/** The tree of tasks as text. */
export const ps: Command = {
  takes: 'PID | SOCKET',
  summary: 'the tasks of a process, what each waits for, and on which lines',
  *run(args, out): Operation<number> {
    const copies = yield* lookAt(args);
    for (const copy of copies) out.write(textOf(copy, copies.length > 1));
    return 0;
  },
};

function textOf({ from, trees }: CopyTrees, isOneOfMany: boolean): string {
  const head = isOneOfMany ? `the copy of @coloop/core in ${from}\n` : '';
  return head + (trees === null ? 'This copy is too old to be asked.\n' : formatTrees(trees));
}
