// Every mistake is told with a call that works: the call is taken out of the message, run as it stands, and does not fail.
import { expect, test } from 'vitest';
import * as core from './index.ts';

const { run } = core;

/** What the advice may mention; each is what its name says. */
const AROUND = {
  ...core,
  ms: 1_000,
  value: 1,
  name: 'click',
  op: undefined as unknown,
  promise: Promise.resolve([1]),
  schedule: core.exponential(1).attempts(2),
  source: undefined as unknown,
  emitter: new EventTarget(),
  work: function* work() {
    yield* core.sleep(0);
    return 1;
  },
  load: async () => 1,
  fn: async () => 1,
  a: () => core.sleep(0),
  b: () => core.sleep(0),
};

type Body = () => core.Operation<unknown>;

// As in the body of a task: a call may have `yield*` in it.
const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor as new (
  ...code: string[]
) => (...given: unknown[]) => core.Operation<unknown>;

function evaluate(code: string): core.Operation<unknown> {
  const given = { ...AROUND, op: core.sleep(0), source: core.stream([1]) };
  return new GeneratorFunction(...Object.keys(given), `'use strict'; return (${code});`)(...Object.values(given));
}

/** The message of what is thrown when `code` is evaluated and what it makes is run. */
async function said(code: string): Promise<string> {
  try {
    await run(function* () {
      yield* use(yield* evaluate(code));
    } as Body);
  } catch (error) {
    // What goes wrong inside of a group comes wrapped.
    const first: unknown = error instanceof core.TaskGroupError ? error.errors[0] : error;
    return (first as Error).message;
  }
  return '';
}

/** Uses what a call has made, as its user would. */
function* use(made: unknown): core.Operation<unknown> {
  if (typeof made === 'function') return yield* use(made());
  if (typeof made !== 'object' || made === null) return made;
  if (made instanceof Promise) return yield* core.until(made);
  if ('body' in made) return yield* core.acquire(made as core.Resource<unknown>);
  if ('send' in made || 'collect' in made) return yield* use((made as object as core.Source<unknown>).next());
  return Symbol.iterator in made ? yield* made as core.Operation<unknown> : made;
}

/** The calls that a message tells to write. */
function adviceOf(message: string): string[] {
  return [...message.matchAll(/(?:[Ww]rite|Make one:|first:|pass an array,|or a task:) `([^`]+)`/g)]
    .map(([, code = '']) => code)
    .filter((code) => !code.startsWith('function*'));
}

/** A mistake, and the word that its message has to be about. */
const MISTAKES: readonly (readonly [code: string, word: string])[] = [
  ...['run', 'group', 'supervise', 'attempt', 'shield', 'spawn'].flatMap((word): [string, string][] => [
    [`${word}(promise)`, word],
    [`${word}(load)`, word],
    [`${word}([a(), b()])`, word],
    [`${word}(async function* () {})`, word],
    [`${word}(7)`, word],
  ]),
  ...['group', 'supervise'].map((word): [string, string] => [`${word}(() => promise)`, word]),
  ...['attempt', 'shield'].map((word): [string, string] => [`${word}(work)`, word]),
  ...['timeout', 'moveOnAfter'].flatMap((word): [string, string][] => [
    [`${word}(ms, promise)`, word],
    [`${word}(ms, load)`, word],
    [`${word}(ms, () => promise)`, word],
    [`${word}(ms, [a(), b()])`, word],
    [`${word}(ms, undefined)`, word],
  ]),
  ...['gather', 'race', 'asCompleted'].flatMap((word): [string, string][] => [
    [`${word}([promise, a()])`, word],
    [`${word}([load])`, word],
    [`${word}({ first: promise })`, word],
    [`${word}({ first: 5 })`, word],
    [`${word}(promise)`, word],
    [`${word}(work)`, word],
    [`${word}(a(), b())`, word],
  ]),
  ['retry(load, schedule)', 'retry'],
  ['retry(async () => 1, schedule)', 'retry'],
  ['retry(promise, schedule)', 'retry'],
  ['retry(() => promise, schedule)', 'retry'],
  ['retry(op, schedule)', 'retry'],
  ['retry(() => 5, schedule)', 'retry'],
  ['resource(async (provide) => provide(1))', 'resource'],
  ['resource((provide) => promise)', 'resource'],
  ['resource((provide) => { provide(1); })', 'resource'],
  ['resource(op)', 'resource'],
  ['acquire(promise)', 'acquire'],
  ['acquire(work)', 'acquire'],
  ['asyncGenerator(async function* () { yield 1; })', 'asyncGenerator'],
  ['asyncGenerator(load)', 'asyncGenerator'],
  ['asyncGenerator(() => promise)', 'asyncGenerator'],
  ['asyncGenerator(5)', 'asyncGenerator'],
  ['generator(load)', 'generator'],
  ['generator(async function* () { yield 1; })', 'generator'],
  ['generator(() => promise)', 'generator'],
  ['generator(op)', 'generator'],
  ['coroutine(load)', 'coroutine'],
  ['coroutine(5)', 'coroutine'],
  ['forEach(source, load)', 'forEach'],
  ['stream([1]).map(load)', 'stream.map'],
  ['stream([1]).filter(load)', 'stream.filter'],
  ['stream(promise)', 'stream'],
  ['defer(load)', 'defer'],
  ['select({ first: promise })', 'select'],
  ['select({ first: op })', 'select'],
  ['select({ first: work })', 'select'],
  ['wait([promise])', 'wait'],
  ['wait([a()])', 'wait'],
  ['wait(a())', 'wait'],
  ['asAsync(load)', 'asAsync'],
  ['until(op)', 'until'],
  ['createContext(1).with(2, promise)', 'context.with'],
  ['createContext(1).with(2, work)', 'context.with'],
];

test.each(MISTAKES)('%s is told in the words of %s, and each call of the advice works', async (code, word) => {
  const message = await said(code);
  expect(message).toMatch(new RegExp(`^${word.replace('.', '\\.')}\\b`));
  expect(message).not.toContain('…');
  const advice = adviceOf(message);
  if (word !== 'until' && !code.includes('async function*')) expect(advice, message).not.toEqual([]);
  for (const call of advice) expect(`${call}: ${await said(repaired(call))}`).toBe(`${call}: `);
});

/** Methods need their owner, and a scope its maker: what the advice leaves to the reader. */
function repaired(call: string): string {
  return call
    .replace(/^yield\* /, '')
    .replace(/^stream\.(map|filter)/, 'stream([1]).$1')
    .replace(/^context\./, 'createContext(1).')
    .replace(', scope)', ')');
}
