import { forever, type Operation, sleep } from '@coloop/core';
import { createElement, type ReactElement } from 'react';
import { act, create, type ReactTestRenderer } from 'react-test-renderer';
import { beforeAll, expect, test } from 'vitest';
import { useOperation } from './react-effect.ts';

const ended: string[] = [];

function* load(id: string): Operation<string> {
  try {
    if (id === 'slow') yield* forever();
    if (id === 'broken') throw new Error('no such user');
    return yield* sleep(1, `user ${id}`);
  } finally {
    ended.push(id);
  }
}

function User({ id }: { id: string }): string {
  const user = useOperation(load, id);
  return user.status === 'loaded' ? user.value : user.status;
}

const user = (id: string): ReactElement => createElement(User, { id });

/** Real time: a component shows what it has loaded in a later turn of the host. */
async function until(renderer: ReactTestRenderer, text: string): Promise<void> {
  while (renderer.toJSON() !== (text as unknown)) await act(() => new Promise<void>((done) => setTimeout(done, 1)));
}

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});

test('a component shows what its operation brings, and cancels it when it asks for something else or leaves', async () => {
  let renderer = null as unknown as ReactTestRenderer;
  await act(async () => {
    renderer = create(user('7'));
  });
  await until(renderer, 'user 7');
  await act(async () => renderer.update(user('slow')));
  expect(renderer.toJSON()).toBe('loading');
  await act(async () => renderer.update(user('broken')));
  await until(renderer, 'failed');
  expect(ended).toContain('slow');
  await act(async () => renderer.update(user('slow')));
  await act(async () => renderer.unmount());
  // Real time: the cleanup runs in a turn of the scheduler.
  await new Promise((done) => setTimeout(done, 10));
  expect(ended.filter((id) => id === 'slow')).toHaveLength(2);
});
