import { isOperation } from '../../kernel/operation/is-operation.ts';
import type { Source } from '../../kernel/operation/source.ts';
import { type Operation, Suspension } from '../../kernel/operation/suspension.ts';
import { isSource } from '../../streams/for-each.ts';
import { stream } from '../../streams/stream.ts';
import { type Callable, resultOf } from './call.ts';

/** What gets the items. */
interface Reader {
  give(item: unknown): void;
}

/** How many items may still be sent before the reader has taken some. */
export class Credit {
  wait: CreditWait | null = null;
  #items: number;

  constructor(items: number) {
    this.#items = items;
  }

  take(): boolean {
    if (this.#items === 0) return false;
    this.#items--;
    return true;
  }

  give(items: number): void {
    this.#items += items;
    if (this.wait !== null && this.take()) this.wait.wake(undefined);
  }
}

class CreditWait extends Suspension<void> {
  readonly #credit: Credit;

  constructor(credit: Credit) {
    super();
    this.#credit = credit;
  }

  get label(): string {
    return 'a reader of the stream in the pool';
  }

  poll(): boolean {
    return this.#credit.take() && this.finish(undefined);
  }

  arm(): void {
    this.#credit.wait = this;
  }

  disarm(): void {
    this.#credit.wait = null;
  }
}

/** The body of a stream: items go to `reader` as fast as it has credit. */
export function* answerStream(
  name: string,
  fn: unknown,
  args: readonly unknown[],
  credit: Credit,
  reader: Reader,
): Operation<void> {
  const result = (fn as Callable)(...args);
  if (givesData(result)) yield* fromGenerator(result[Symbol.iterator](), credit, reader);
  else yield* fromSource(yield* sourceOf(name, result), credit, reader);
}

/** Whether a generator, or what has one, may give data itself: a wait of ours gives what it waits for. */
function givesData(result: unknown): result is Iterable<unknown, unknown, unknown> {
  return isOperation(result) && !(result instanceof Suspension) && !isSource(result);
}

/**
 * A generator may give data with `yield`, wait with `yield*`, and in the end return a source: each of its steps tells
 * which. Waits are handed on as they came, and so are those of its cleanup.
 */
function* fromGenerator(
  generator: Iterator<unknown, unknown, unknown>,
  credit: Credit,
  reader: Reader,
): Generator<Suspension, void, unknown> {
  try {
    for (;;) {
      const step = generator.next();
      if (step.done) {
        if (isSource(step.value)) yield* fromSource(step.value, credit, reader);
        return;
      }
      if (step.value instanceof Suspension) yield step.value;
      else {
        yield* new CreditWait(credit);
        reader.give(step.value);
      }
    }
  } finally {
    // One that has ended by itself stays as it is.
    for (let step = generator.return?.(undefined); step?.done === false; step = generator.next()) {
      if (step.value instanceof Suspension) yield step.value;
    }
  }
}

function* sourceOf(name: string, result: unknown): Operation<Source<unknown>> {
  const value = typeof result === 'object' && result !== null ? yield* settled(name, result) : result;
  if (isSource(value)) return value;
  if (typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)) {
    return stream(value as AsyncIterable<unknown>);
  }
  throw new TypeError(`${name}() gives one value. Get it with \`pool.call('${name}', …)\`.`);
}

function* settled(name: string, result: object): Operation<unknown> {
  if (isSource(result) || Symbol.asyncIterator in result) return result;
  return isOperation(result) || 'then' in result ? yield* resultOf(name, result) : result;
}

function* fromSource(source: Source<unknown>, credit: Credit, reader: Reader): Operation<void> {
  try {
    for (;;) {
      yield* new CreditWait(credit);
      const step = yield* source.next();
      if (step.done) return;
      reader.give(step.value);
    }
  } finally {
    yield* source.close();
  }
}
