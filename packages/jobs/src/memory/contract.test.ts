import { runTest } from '@coloop/core/testing';
import { test } from 'vitest';
import { CONTRACT } from '../fixtures/contract.ts';
import { serve } from '../fixtures/serve.ts';

test.each(Object.entries(CONTRACT))('in memory %s', (_, body) =>
  runTest(function* () {
    yield* body(yield* serve());
  }),
);
