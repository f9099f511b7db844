import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { gracefulEnd } from './graceful-end.ts';

test('the end of a scope leaves no socket, whatever was under way', async () => {
  expect(await printed(() => run(gracefulEnd))).toEqual([
    'a body is half read: true',
    'the session has 3 connections, 2 of them busy',
    'the server sees 3 connections',
    'the waiting request: cancelled',
    'the scope ends: no sleep, no close by hand',
    'the session has 0 connections, 0 of them busy',
    'the server sees 0 connections',
    'sockets of this process that were not there before: 0',
  ]);
});
