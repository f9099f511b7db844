import { forever, type Operation, sleep } from '../index.ts';

/** Fails after `ms`. */
export function* failing(error: unknown, ms = 1): Operation<never> {
  yield* sleep(ms);
  throw error;
}

/** Never ends; its cleanup takes `ms` and is logged. */
export function* cleaning(log: string[], name: string, ms = 0): Operation<never> {
  try {
    return yield* forever();
  } finally {
    yield* sleep(ms);
    log.push(name);
  }
}

/** Logs its name after `ms`. */
export function* noting(log: string[], name: string, ms = 0): Operation<void> {
  yield* sleep(ms);
  log.push(name);
}
