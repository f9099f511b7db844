import { random, type Schedule } from '@coloop/core';
import { show } from '@coloop/core/lowlevel';

/** How many runs of one job a schedule may ask for. */
const MOST = 1_000;

/**
 * The pauses of a schedule before each further run, drawn when the job is submitted: the engine keeps them, and its workers
 * know no function of the program that submits.
 *
 * @throws TypeError for what is no schedule, and for one that asks for the error; RangeError for one without an end.
 */
export function pausesOf(schedule: Schedule): readonly number[] {
  if (typeof (schedule as Partial<Schedule> | null)?.delay !== 'function') {
    throw new TypeError(
      `The option 'retry' takes a schedule, such as \`exponential(1000).attempts(5)\`, not ${show(schedule)}.`,
    );
  }
  const pauses: number[] = [];
  for (let elapsed = 0; pauses.length < MOST; elapsed += pauses.at(-1) as number) {
    const pause = schedule.delay(new Unseen(pauses.length + 1, elapsed));
    if (pause === null) return pauses;
    pauses.push(pause);
  }
  throw new RangeError(
    `The schedule of the option 'retry' asks for more than ${MOST} runs. Write \`.attempts(5)\` behind it.`,
  );
}

/** A failure whose error nobody knows yet. */
class Unseen {
  readonly attempt: number;
  readonly elapsed: number;

  constructor(attempt: number, elapsed: number) {
    this.attempt = attempt;
    this.elapsed = elapsed;
  }

  get error(): never {
    throw new TypeError(
      "The schedule of the option 'retry' asks for the error, which is not known when a job is submitted. Leave out `.when(…)`, and handle errors for which no retry helps in the coroutine.",
    );
  }

  random(): number {
    return random();
  }
}
