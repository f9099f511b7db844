/* `simulate` and `simulation`: a program in a network of its own. */
import { currentTask, defer, type Operation } from '@coloop/core';
import { checkFunction } from '@coloop/core/lowlevel';
import { runTest, VirtualClock } from '@coloop/core/testing';
// Loaded before virtual time begins: a WebSocket that loads it later would wait for the host.
import 'ws';
import { currentNetwork } from '../connect/network.ts';
import { CurrentScheduler, simulateNetwork } from '../waits.ts';
import type { LinkOptions } from './link.ts';
import { SimulatedNetwork } from './network.ts';
import type { World } from './world.ts';

/**
 * Runs a program in a simulated network of its own: every session and pool that it opens, and every `fetch`, connects
 * there and nowhere else. The client and its HTTP codec are the real ones; sockets, DNS and TLS are simulated.
 *
 * It works under the clock and the chance of its scheduler; `simulate` gives it virtual ones, and so does
 * `explore(() => simulation(program))`. When the program has ended, all its sockets have to be closed, and no server may
 * have failed.
 *
 * Cancellation: ends the servers after the program.
 *
 * @param program - is called with the network, to put servers into it
 * @param options - the link between the program and all servers; a port may have its own
 * @throws the errors of servers' scripts, and an Error for sockets that were left open, when the scope ends
 * @example
 * ```ts
 * import { explore } from '@coloop/core/testing';
 * import { fetch } from '@coloop/http';
 * import { simulation } from '@coloop/http/testing';
 *
 * const report = await explore(
 *   () =>
 *     simulation(function* (net) {
 *       net.serve('http://api.test', () => 'hello');
 *       using response = yield* fetch('http://api.test/');
 *       yield* response.text();
 *     }),
 *   { seeds: 5 },
 * );
 * console.log(report.runs > 0); //> true
 * ```
 */
export function* simulation<T>(
  program: (network: SimulatedNetwork) => Operation<T>,
  options: LinkOptions = {},
): Operation<T> {
  checkFunction('simulation', program);
  const scheduler = yield* new CurrentScheduler();
  simulateNetwork(scheduler);
  const network = new SimulatedNetwork(scheduler as World, currentTask().innermostOwner, options);
  defer(() => network.end());
  return yield* currentNetwork.with(network, program(network));
}

/** What `simulate` takes: the link, and the seed of all chance. */
export interface SimulateOptions extends LinkOptions {
  readonly seed?: number | undefined;
}

/**
 * Runs a test in a simulated network, as `runTest` runs one: on virtual time, with a seed, and with nothing left at its end.
 *
 * @param program - is called with the network, to put servers into it
 * @param options - `seed`, and the link between the program and all servers: `latency`, `bandwidth`, …
 * @returns a promise of the program's value
 * @throws (as rejection) what `runTest` and `simulation` throw
 * @example
 * ```ts
 * import { now, sleep } from '@coloop/core';
 * import { Session } from '@coloop/http';
 * import { simulate } from '@coloop/http/testing';
 *
 * await simulate(
 *   function* (net) {
 *     net.serve('https://api.test', function* (request) {
 *       yield* sleep(2_000);
 *       return { json: { path: request.target } };
 *     });
 *     const session = yield* Session.open({ baseUrl: 'https://api.test/' });
 *     const response = yield* session.get('/slow', { timeout: 5_000 });
 *     console.log(yield* response.json()); //> { path: '/slow' }
 *     console.log(now() > 2_000 && now() < 2_500); //> true
 *   },
 *   { latency: 20 },
 * );
 * ```
 */
export function simulate<T>(
  program: (network: SimulatedNetwork) => Operation<T>,
  options: SimulateOptions = {},
): Promise<T> {
  const { seed, ...link } = options;
  return runTest(() => simulation(program, link), { seed, clock: new VirtualClock({ holdForHost: true }) });
}
