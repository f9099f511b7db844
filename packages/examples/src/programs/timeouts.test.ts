import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { timeouts } from './timeouts.ts';

test('every limit ends its request, and its error says in which phase', async () => {
  const lines = await printed(() => run(timeouts));
  // How far a request gets before its time is over is up to the machine.
  const steady = lines.map((line) => line.replace(/( in the phase ')\w+'(, which took most of the time)?/, "$1…'"));
  expect(steady).toEqual([
    "100 ms for a page that takes 300: the limit 'total' passed in the phase '…'",
    'no limit, null: late but good',
    'no limit, 0: late but good',
    "100 ms for a body that takes 5 s: the limit 'total' passed in the phase '…'",
    "100 ms between two chunks of a body: the limit 'idle' passed in the phase '…'",
    "100 ms to connect to a server that never shakes hands: the limit 'connect' passed in the phase '…'",
    "core's timeout(200) around two requests: TimeoutError: The deadline of 200 ms passed. Give more time, or look at what the body waits for.",
    "the default: the limit 'total' passed in the phase '…'",
    '  on a virtual clock, which now says 5 minutes',
  ]);
});
