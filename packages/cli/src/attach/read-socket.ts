/** The tasks of a program that listens on a socket of its own, as `listenInspect` lets it. */
import type { Operation } from '@coloop/core';
import type { TaskRecord } from '@coloop/core/inspect';
import { ConnectError, connect } from '@coloop/core/node';
import { CommandError } from '../command.ts';

/** What came over the socket. */
export interface SocketRecords {
  readonly from: string;
  readonly records: readonly TaskRecord[];
}

const LONGEST_LINE = 2 ** 30;

export function* readSocket(path: string): Operation<SocketRecords> {
  try {
    const connection = yield* connect({ path });
    const lines = connection.lines(LONGEST_LINE);
    const head = yield* lines.next();
    const { from } = JSON.parse(head.value ?? '{}') as { from?: string };
    if (from === undefined) throw new CommandError(`Nobody at ${path} speaks for coloop.`);
    const records: TaskRecord[] = [];
    for (let line = yield* lines.next(); !line.done; line = yield* lines.next()) {
      for (const each of JSON.parse(line.value) as TaskRecord[]) records.push(each);
    }
    return { from, records };
  } catch (error) {
    if (error instanceof ConnectError) throw new CommandError(`Nobody listens at ${path}: ${error.message}`);
    if (error instanceof SyntaxError) throw new CommandError(`Nobody at ${path} speaks for coloop.`);
    throw error;
  }
}
