import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { redelivery } from './redelivery.ts';

test('a job that does harm when it runs twice is found, and is gone once it looks into its ledger', async () => {
  const lines = await printed(() => run(redelivery));
  const [, careless = '', careful = ''] = lines.join('\n').split(/^-- (?!\d)/m);
  expect(careless).toMatch(/Found in run \d+, with seed \d+/);
  expect(careless).toMatch(/3 orders became [4-9] parcels/);
  expect(careful).not.toContain('Found');
  expect(careful).toMatch(/\d+ runs in \d+ different orders/);
});
