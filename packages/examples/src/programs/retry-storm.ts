/**
 * A retry storm: a server that is slow for a moment refuses a few requests, and its clients come back at once, all of
 * them, again and again, so that it has more to refuse than to serve.
 *
 * Client and HTTP codec are the real ones; the server, its slow moments and the network are simulated, and repeat.
 */
import { gather, now, type Operation, random, sleep } from '@coloop/core';
import { type RetryOptions, Session } from '@coloop/http';
import { type SimulatedNetwork, simulation } from '@coloop/http/testing';
import { huntFor } from '../shared/hunt-for.ts';
import { startExample } from '../shared/start-example.ts';

const CLIENTS = 10;

/** Serves three requests at a time, and refuses the others; sometimes it needs much longer than usual. */
class Server {
  calls = 0;
  #busy = 0;
  #slowUntil = 0;

  *answer(): Operation<{ status: number }> {
    this.calls++;
    if (this.#busy === 3) return { status: 503 };
    this.#busy++;
    try {
      if (random() < 0.02) this.#slowUntil = now() + 400;
      yield* sleep(Math.max(20, this.#slowUntil - now()));
      return { status: 200 };
    } finally {
      this.#busy--;
    }
  }
}

function* client(session: Session, index: number): Operation<number> {
  yield* sleep(index * 15);
  using response = yield* session.get('/');
  return response.status;
}

function* rushHour(net: SimulatedNetwork, retry: RetryOptions): Operation<void> {
  const server = new Server();
  net.serve('http://api.test', () => server.answer());
  const session = yield* Session.open({ baseUrl: 'http://api.test/', retry });
  yield* gather(Array.from({ length: CLIENTS }, (_, index) => client(session, index)));
  if (server.calls > 4 * CLIENTS) throw new Error(`${CLIENTS} requests became ${server.calls} calls`);
}

export function* retryStorm(): Operation<void> {
  // The order of events is left plain here: chance alone, drawn from the seed, decides when the server is slow.
  const options = { seeds: 20, preempt: false, limit: 40, holdForHost: true } as const;
  const stubborn: RetryOptions = { attempts: 50, delay: 10, factor: 1, jitter: false };
  yield* huntFor('clients that come back every 10 ms', () => simulation((net) => rushHour(net, stubborn)), options);
  const patient: RetryOptions = { attempts: 6, delay: 50, factor: 2, jitter: true };
  yield* huntFor('clients that wait longer each time', () => simulation((net) => rushHour(net, patient)), options);
}

await startExample(import.meta.url, retryStorm);
