/**
 * A lost update: two withdrawals from one account, with a line for the journal between the look and the change.
 *
 * The lock of the journal is free nearly always, so nearly always nothing comes in between: 10,000 plain runs see no bug.
 */
import { gather, Lock, type Operation } from '@coloop/core';
import { huntFor } from '../shared/hunt-for.ts';
import { startExample } from '../shared/start-example.ts';

function* note(journal: Lock): Operation<void> {
  using _held = yield* journal.acquire();
}

/** Looks at the balance, writes the journal, and sets the balance from what it saw. */
function* withdraw(account: { balance: number }, journal: Lock, amount: number): Operation<void> {
  const before = account.balance;
  yield* note(journal);
  account.balance = before - amount;
}

/** The same without anything that may wait between the look and the change. */
function* withdrawAtOnce(account: { balance: number }, journal: Lock, amount: number): Operation<void> {
  account.balance -= amount;
  yield* note(journal);
}

function* account(take: typeof withdraw): Operation<void> {
  const shared = { balance: 100 };
  const journal = new Lock();
  yield* gather([take(shared, journal, 30), take(shared, journal, 50)]);
  if (shared.balance !== 20) throw new Error(`80 were taken from 100, and ${shared.balance} are left`);
}

export function* lostUpdate(): Operation<void> {
  yield* huntFor('the lost update', () => account(withdraw));
  yield* huntFor('the account that changes at once', () => account(withdrawAtOnce));
}

await startExample(import.meta.url, lostUpdate);
