import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { conversation } from './websocket.ts';

test('a conversation goes both ways until the server says goodbye', async () => {
  const lines = await printed(() => run(conversation));
  expect(lines.filter((line) => !line.startsWith('<'))).toEqual([
    "connected, subprotocol 'chat'",
    '> a client',
    'the ping was answered',
    '> bytes 1 2 3',
    '> how are you?',
    '> bye',
    'closed by the server with 4000: it was a pleasure',
  ]);
  // Who talks and who listens are two tasks: only the order of each side is fixed.
  expect(lines.filter((line) => line.startsWith('<'))).toEqual([
    '< Who is there?',
    '< A CLIENT',
    '< bytes 3 2 1',
    '< HOW ARE YOU?',
  ]);
});
