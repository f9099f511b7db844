import fc from 'fast-check';
import { describe, test } from 'vitest';
import { explore } from '../testing/index.ts';
import { lawful, type Program, programs } from './random-programs.fixture.ts';

/** More programs than usual are tried with `COLOOP_RUNS=3000 COLOOP_SEED=7`. */
const env: Record<string, string | undefined> = globalThis.process?.env ?? {};
const runs = Number(env.COLOOP_RUNS ?? 40);
const seed = Number(env.COLOOP_SEED ?? 1);

async function keepsItsLaws(program: Program): Promise<void> {
  await explore(() => lawful(program), { seeds: 4, cancel: true, limit: 200 });
}

async function keepsItsLawsWhenStuck(program: Program): Promise<void> {
  await explore(() => lawful(program, true), { seeds: 2, cancel: true, limit: 100 });
}

/** Programs that once broke a law. */
const FOUND: readonly [law: string, Program][] = [
  [
    'gather starts no further branch when the deadline around it has passed',
    {
      op: 'seq',
      parts: [
        {
          op: 'timeout',
          ms: 0,
          part: {
            op: 'settle',
            parts: [{ op: 'sleep', ms: 0 }, { op: 'sleep', ms: 0 }, { op: 'tick' }],
          },
        },
        { op: 'spawn', part: { op: 'sleep', ms: 0 } },
      ],
    },
  ],
];

/** And of those with cleanups that do not end. */
const FOUND_STUCK: readonly [law: string, Program][] = [
  [
    'a cancel from outside does not undo one that is about to be thrown again',
    {
      op: 'supervise',
      parts: [
        { op: 'timeout', ms: 0, part: { op: 'stuck', part: { op: 'resource', ms: 0, fails: false } } },
        { op: 'defer', ms: 0, fails: false },
      ],
    },
  ],
  [
    'a cleanup gets its whole grace after the children have used up theirs',
    {
      op: 'finally',
      part: { op: 'sleep', ms: 0 },
      cleanup: {
        op: 'timeout',
        ms: 1,
        part: {
          op: 'settle',
          parts: [
            { op: 'stuck', part: { op: 'sleep', ms: 1 } },
            { op: 'defer', ms: 1, fails: false },
          ],
        },
      },
    },
  ],
];

describe('programs of the words for tasks', () => {
  test.each(FOUND)('%s', async (_law, program) => {
    await keepsItsLaws(program);
  });

  test.each(FOUND_STUCK)('%s', async (_law, program) => {
    await keepsItsLawsWhenStuck(program);
  });

  test('random ones keep their laws in every order, and wherever they are cancelled', async () => {
    await fc.assert(fc.asyncProperty(programs(), keepsItsLaws), { numRuns: runs, seed });
  }, 600_000);

  test('where cleanups never end, tasks are abandoned, and all that they own is released', async () => {
    const property = fc.asyncProperty(programs({ stuck: true }), keepsItsLawsWhenStuck);
    await fc.assert(property, { numRuns: runs, seed });
  }, 600_000);
});
