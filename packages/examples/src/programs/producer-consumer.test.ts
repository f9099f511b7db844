import { runTest } from '@coloop/core/testing';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { producersAndConsumers } from './producer-consumer.ts';

test('producer and consumer take turns in all three forms', async () => {
  const turn = (item: number): string[] => [
    `[producer] producing ${item}`,
    `[consumer] consuming ${item}`,
    '[producer] the consumer says 200 OK',
  ];
  const slowTurn = (item: number): string[] => [
    `[producer] producing ${item}`,
    `[consumer] consumed ${item} after 100 ms`,
    '[producer] the consumer says 200 OK',
  ];
  expect(await printed(() => runTest(producersAndConsumers))).toEqual([
    'with next, send and close',
    ...[1, 2, 3, 4, 5].flatMap(turn),
    'with waits inside',
    ...[1, 2, 3].flatMap(slowTurn),
    'as two tasks over a queue',
    '[producer] produced 1',
    '[producer] produced 2',
    '[consumer] consumed 1',
    '[producer] produced 3',
    '[consumer] consumed 2',
    '[consumer] consumed 3',
    'everything is consumed',
  ]);
});
