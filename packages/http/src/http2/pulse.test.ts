import { sleep } from '@coloop/core';
import { runTest } from '@coloop/core/testing';
import { expect, test } from 'vitest';
import { CurrentScheduler } from '../waits.ts';
import { Pulse, SILENCE } from './pulse.ts';

/** A connection that brings bytes when it is told to. */
class Played {
  bytes = 0;
  asked = 0;
  died = 0;
  alive = true;

  received(): number {
    return this.bytes;
  }

  ask(): void {
    this.asked += 1;
    if (this.alive) this.bytes += 17;
  }

  dead(): void {
    this.died += 1;
  }
}

test('a connection that brings bytes is not asked', async () => {
  const played = new Played();
  await runTest(function* () {
    const pulse = new Pulse(played, yield* new CurrentScheduler());
    pulse.start();
    for (let time = 0; time < 10; time++) {
      yield* sleep(SILENCE / 2);
      played.bytes += 1;
    }
    pulse.stop();
  });
  expect([played.asked, played.died]).toEqual([0, 0]);
});

test('one that is silent is asked, and lives as long as it replies', async () => {
  const played = new Played();
  await runTest(function* () {
    const pulse = new Pulse(played, yield* new CurrentScheduler());
    pulse.start();
    yield* sleep(SILENCE * 10 + 1);
    pulse.stop();
  });
  expect([played.asked, played.died]).toEqual([5, 0]);
});

test('one that does not reply is dead, once, after twice the silence', async () => {
  const played = new Played();
  played.alive = false;
  await runTest(function* () {
    const pulse = new Pulse(played, yield* new CurrentScheduler());
    pulse.start();
    yield* sleep(SILENCE * 2 - 1);
    expect([played.asked, played.died]).toEqual([1, 0]);
    yield* sleep(SILENCE * 5);
    expect([played.asked, played.died]).toEqual([1, 1]);
  });
});

test('it is silent itself once it is stopped', async () => {
  const played = new Played();
  await runTest(function* () {
    const pulse = new Pulse(played, yield* new CurrentScheduler());
    pulse.start();
    pulse.stop();
    yield* sleep(SILENCE * 5);
  });
  expect([played.asked, played.died]).toEqual([0, 0]);
});
