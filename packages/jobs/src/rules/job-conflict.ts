import { JobConflictError } from '../errors.ts';

/** What a key stands for. */
interface Call {
  readonly name: string;
  readonly args: string;
}

/** How many characters of the arguments an error shows. */
const SHOWN = 200;

/** The error for a key that belongs to another job, which shows both. */
export function jobConflict(queue: string, key: string, known: Call, other: Call): JobConflictError {
  return new JobConflictError(
    `The key ${JSON.stringify(key)} of the queue ${queue} belongs to ${shown(known)}, so it cannot be ${shown(other)} as well. Give the other job another key.`,
  );
}

function shown({ name, args }: Call): string {
  const inside = args.slice(1, -1);
  return `${name}(${inside.length > SHOWN ? `${inside.slice(0, SHOWN)}...` : inside})`;
}
