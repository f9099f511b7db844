import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { nameservers } from './nameservers.ts';

test('a name that one DNS server knows is found through that one only, and asked for once', async () => {
  const lines = await printed(() => run(nameservers));
  expect(lines.map((line) => line.replace(/:\d+/g, ':PORT'))).toEqual([
    'asking the DNS server that does not know the name:',
    '  DnsError: The name hello.coloop.test has no address: nameserver 127.0.0.1:PORT answered ENOTFOUND.',
    'asking the one that does:',
    '  I am hello.coloop.test:PORT',
    'three more requests asked it 0 questions: the answer is kept for its time to live',
  ]);
});
