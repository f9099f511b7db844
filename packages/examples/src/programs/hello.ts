/**
 * Two hellos that sleep for three seconds, at once: with `wait`, with `gather`, from async code.
 *
 * Python, as it was written before 3.5:
 *
 *     @asyncio.coroutine
 *     def hello(name):
 *         print('Hello', name)
 *         yield from asyncio.sleep(3)
 *         print('Hello again', name)
 *
 *     loop = asyncio.get_event_loop()
 *     loop.run_until_complete(asyncio.wait([hello('Ann'), hello('Bob')]))
 *     loop.close()
 */
import { asAsync, coroutine, createScope, gather, type Operation, Scheduler, sleep, spawn, wait } from '@coloop/core';
import { isProgram } from '../shared/start-example.ts';

const hello = coroutine(function* (name: string): Operation<string> {
  console.log(`  Hello, ${name}!`);
  yield* sleep(3000);
  console.log(`  Hello again, ${name}!`);
  return name;
});

// The first writing: coroutines all the way. `wait` takes tasks and tells which of them are done.
function* underWait(): Operation<void> {
  const { done } = yield* wait([spawn(hello('Ann')), spawn(hello('Bob'))]);
  console.log(`  ${done.size} tasks are done`);
}

// `gather` takes the operations themselves and gives their results, in their order.
function* underGather(): Operation<void> {
  const names = yield* gather([hello('Ann'), hello('Bob')]);
  console.log(`  results: ${names.join(', ')}`);
}

/** @param loop the event loop: made, used and closed by the caller */
export async function helloTwice(loop: Scheduler): Promise<void> {
  const timed = async (title: string, work: () => Promise<unknown>): Promise<void> => {
    console.log(title);
    const start = loop.now();
    await work();
    console.log(`  took ${Math.round((loop.now() - start) / 1000)} s, not 6`);
  };

  await timed('under wait', () => loop.run(underWait));
  await timed('under gather', () => loop.run(underGather));

  // The second writing: async code all around, where a coroutine is one more async function.
  const scope = createScope({ scheduler: loop });
  const helloAsync = asAsync(hello, scope);
  await timed('from async code, with asAsync', async () => {
    const names = await Promise.all([helloAsync('Ann'), helloAsync('Bob')]);
    console.log(`  results: ${names.join(', ')}`);
  });
  await timed('from async code, with run', () => Promise.all([scope.run(hello('Ann')), scope.run(hello('Bob'))]));
  await scope.close();
}

if (isProgram(import.meta.url)) {
  const loop = new Scheduler();
  await helloTwice(loop);
  await loop.close();
  console.log('the loop is closed');
}
