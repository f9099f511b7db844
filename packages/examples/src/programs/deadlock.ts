/**
 * A deadlock: money goes from account to account, under the locks of both, taken in the order of the transfer.
 *
 * It needs one transfer to take its first lock while the other stands between its two.
 */
import { gather, Lock, type Operation } from '@coloop/core';
import { huntFor } from '../shared/hunt-for.ts';
import { startExample } from '../shared/start-example.ts';

interface Account {
  readonly number: number;
  readonly lock: Lock;
  balance: number;
}

function* move(amount: number, from: Account, to: Account): Operation<void> {
  using _first = yield* from.lock.acquire();
  using _second = yield* to.lock.acquire();
  from.balance -= amount;
  to.balance += amount;
}

/** The same with the locks in one order for all: that of the accounts' numbers. */
function* moveInOrder(amount: number, from: Account, to: Account): Operation<void> {
  const [low, high] = from.number < to.number ? [from, to] : [to, from];
  using _first = yield* low.lock.acquire();
  using _second = yield* high.lock.acquire();
  from.balance -= amount;
  to.balance += amount;
}

function* bank(transfer: typeof move): Operation<void> {
  const mine: Account = { number: 1, lock: new Lock(), balance: 100 };
  const yours: Account = { number: 2, lock: new Lock(), balance: 100 };
  yield* gather([transfer(10, mine, yours), transfer(20, yours, mine)]);
}

export function* deadlock(): Operation<void> {
  yield* huntFor('locks in the order of the transfer', () => bank(move));
  yield* huntFor('locks in the order of the accounts', () => bank(moveInOrder));
}

await startExample(import.meta.url, deadlock);
