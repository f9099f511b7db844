import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

interface Sent {
  readonly messages: readonly unknown[];
  readonly transfer: readonly unknown[];
}

function makeOutbox(atOnce = false): { outbox: Outbox<unknown>; sent: Sent[]; refused: unknown[] } {
  const sent: Sent[] = [];
  const refused: unknown[] = [];
  const post = (messages: readonly unknown[], transfer: readonly unknown[]): void => {
    if (messages.includes('bad')) throw new Error('cannot be cloned');
    sent.push({ messages, transfer });
  };
  return { outbox: new Outbox<unknown>(post, (message) => refused.push(message), atOnce), sent, refused };
}

test('all messages of one turn leave as one, with what is moved along', async () => {
  const { outbox, sent } = makeOutbox();
  const [a, b] = [new ArrayBuffer(1), new ArrayBuffer(2)];
  outbox.send(1);
  outbox.send(2, [a]);
  outbox.send(3, [b]);
  expect(sent).toEqual([]);
  await Promise.resolve();
  expect(sent).toEqual([{ messages: [1, 2, 3], transfer: [a, b] }]);
  outbox.send(4);
  await Promise.resolve();
  expect(sent.at(-1)).toEqual({ messages: [4], transfer: [] });
});

test('a message that cannot be cloned is refused alone, and the others keep what moves with them', async () => {
  const { outbox, sent, refused } = makeOutbox();
  const memory = new ArrayBuffer(1);
  outbox.send('good', [memory]);
  outbox.send('bad');
  outbox.send('also good');
  await Promise.resolve();
  expect(refused).toEqual(['bad']);
  expect(sent).toEqual([
    { messages: ['good'], transfer: [memory] },
    { messages: ['also good'], transfer: [] },
  ]);
});

test('where the channel is a part of the same scheduler, every message leaves at once', () => {
  const { outbox, sent, refused } = makeOutbox(true);
  outbox.send(1);
  outbox.send('bad');
  expect(sent).toEqual([{ messages: [1], transfer: [] }]);
  expect(refused).toEqual(['bad']);
});
