/**
 * The addresses that are still to be asked for, host by host: a host gets as many requests at a time as it bears, and no
 * next one before its pause is over.
 */
import { EventFlag, type Group, now, type Operation, Queue, sleep } from '@coloop/core';
import { HostLimit } from '../politeness/host-limit.ts';

export interface Target {
  readonly address: string;
  readonly url: URL;
  /** Clicks from the start page. */
  readonly depth: number;
  /** Redirects that led here. */
  readonly hops: number;
  /** An address that the user named, or to which it leads. */
  readonly isStart: boolean;
  /** Of another site: asked only when the site itself is done, since only then it is known which of its places are meant. */
  readonly external: boolean;
  /** How often it was asked for already. */
  readonly attempts: number;
}

interface Host {
  readonly limit: HostLimit;
  readonly pending: Queue<Target>;
  inFlight: number;
  /** The least time from one request to the next, in milliseconds. */
  pause: number;
  /** No request before this time. */
  freeAt: number;
  /** A task waits for `freeAt`. */
  wakes: boolean;
}

export interface FrontierOptions {
  readonly concurrency: number;
  /** Of one request, in milliseconds. */
  readonly timeout: number;
}

/** Another site gets no more than this at a time: nobody has asked it whether it wants to be checked. */
const MOST_OF_OTHERS = 4;

export class Frontier {
  readonly #options: FrontierOptions;
  readonly #timers: Group;
  readonly #hosts = new Map<string, Host>();
  readonly #ready = new Queue<Target>();
  readonly #later: Target[] = [];
  readonly #done = new EventFlag();
  /** Added and not done yet. */
  #open = 0;

  /** @param timers where pauses are waited for; it ends with the crawl */
  constructor(options: FrontierOptions, timers: Group) {
    this.#options = options;
    this.#timers = timers;
  }

  add(target: Target): void {
    if (target.external) {
      this.#later.push(target);
    } else {
      this.#open++;
      this.#enqueue(target);
    }
  }

  /** The next target that its host is ready for. */
  take(): Operation<Target> {
    return this.#ready.get();
  }

  /** How many requests its host has under way. */
  inFlight(target: Target): number {
    return this.#host(target).inFlight;
  }

  /** Notes how long its host took for a target. */
  answered(target: Target, startedAt: number, inFlight: number): void {
    const at = now();
    this.#host(target).limit.answered(startedAt, at - startedAt, inFlight, at);
  }

  /** A target that was taken is done. */
  done(target: Target): void {
    this.#leave(target);
    this.#open--;
    this.#endIfDone();
  }

  /** A target that was taken is to be asked for again, in `delay` milliseconds; with `whole`, its host rests for as long. */
  again(target: Target, delay: number, whole: boolean): void {
    const host = this.#host(target);
    if (whole) {
      host.limit.lower(now());
      host.freeAt = Math.max(host.freeAt, now() + delay);
    }
    this.#leave(target);
    if (delay === 0 || whole) this.#enqueue(target);
    else this.#timers.spawn(this.#enqueueIn(target, delay), { name: `retry of ${target.address}`, daemon: true });
  }

  /** Keeps a time between two requests to the host of `url`. */
  pace(url: URL, pause: number): void {
    const host = this.#hostOf(url, false);
    host.pause = pause;
    host.freeAt = now() + pause;
  }

  /** Waits until everything that was added is done. */
  *finished(): Operation<void> {
    this.#endIfDone();
    yield* this.#done.wait();
  }

  /** Of other sites only what follows when the site itself is done. */
  #endIfDone(): void {
    if (this.#open > 0) return;
    const later = this.#later.splice(0);
    if (later.length === 0) this.#done.set();
    this.#open += later.length;
    for (const target of later) this.#enqueue(target);
  }

  #enqueue(target: Target): void {
    const host = this.#host(target);
    host.pending.putNowait(target);
    this.#release(host);
  }

  *#enqueueIn(target: Target, delay: number): Operation<void> {
    yield* sleep(delay);
    this.#enqueue(target);
  }

  #leave(target: Target): void {
    const host = this.#host(target);
    host.inFlight--;
    this.#release(host);
  }

  /** Lets go on what the host is ready for. */
  #release(host: Host): void {
    while (!host.pending.empty && host.inFlight < host.limit.limit) {
      if (now() < host.freeAt) {
        if (!host.wakes) this.#timers.spawn(this.#wake(host), { name: 'pause of a host', daemon: true });
        host.wakes = true;
        return;
      }
      host.inFlight++;
      host.freeAt = Math.max(host.freeAt, now() + host.pause);
      this.#ready.putNowait(host.pending.getNowait());
    }
  }

  *#wake(host: Host): Operation<void> {
    while (now() < host.freeAt) yield* sleep(host.freeAt - now());
    host.wakes = false;
    this.#release(host);
  }

  #host({ url, external }: Target): Host {
    return this.#hostOf(url, external);
  }

  #hostOf({ origin }: URL, external: boolean): Host {
    const known = this.#hosts.get(origin);
    if (known !== undefined) return known;
    const { concurrency, timeout } = this.#options;
    const most = external ? Math.min(MOST_OF_OTHERS, concurrency) : concurrency;
    const host: Host = {
      limit: new HostLimit(most, timeout),
      pending: new Queue(),
      inFlight: 0,
      pause: 0,
      freeAt: 0,
      wakes: false,
    };
    this.#hosts.set(origin, host);
    return host;
  }
}
