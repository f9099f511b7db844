/* `har(session)`: a recording of what a session sends and gets, in the format of browsers. */
import { defaultScheduler } from '@coloop/core/lowlevel';
import type TypedEmitter from 'typed-emitter';
import { type TraceEvents, tracerOf } from '../call/trace.ts';
import { checkFlag, checkNames, invalidOption, own } from '../checks.ts';
import { Recorder } from './recorder.ts';
import { Redactor } from './secrets.ts';
import type { Har } from './types.ts';

/** What a recording holds. */
export interface HarOptions {
  /**
   * Whether Authorization, cookies, the credentials of proxies and URLs, and the values of query parameters with names such as
   * `access_token` and `api_key` are left out. Default true.
   */
  readonly redact?: boolean | undefined;
  /** More names of query parameters whose values are left out, in any case, with or without `-` and `_`. */
  readonly redactParams?: readonly string[] | undefined;
  /** Whether bodies are recorded, as they are: true for the first 65,536 bytes of each, or how many. Default false. */
  readonly bodies?: boolean | number | undefined;
}

/** A recording that goes on. */
export interface HarRecording {
  /** Ends the recording and gives what was recorded; requests that are under way are in it as far as they have come. */
  stop(): Har;
}

const HAR_OPTIONS: readonly (keyof HarOptions)[] = ['redact', 'redactParams', 'bodies'];
const DEFAULT_SIZE = 65_536;

/**
 * Records every request of a session from now on as HAR 1.2, with what each phase took; write `JSON.stringify(recording.stop())`
 * to a file with the ending `.har`. Redirects and retries are entries of their own.
 *
 * @throws InvalidOptionError
 * @example
 * ```ts
 * import { har, Session } from '@coloop/http';
 * import { simulate } from '@coloop/http/testing';
 *
 * await simulate(function* (net) {
 *   net.serve('http://api.test', () => ({ json: { name: 'Ada' } }));
 *   const session = yield* Session.open();
 *   const recording = har(session);
 *   yield* session.get('http://api.test/users?api_key=s3cret').json();
 *   const [entry] = recording.stop().log.entries;
 *   console.log(entry?.request.url, entry?.response.status); //> http://api.test/users?api_key=(redacted) 200
 * });
 * ```
 * Source: the HTTP Archive format 1.2 (http://www.softwareishard.com/blog/har-12-spec/).
 */
export function har(session: { readonly trace: TypedEmitter<TraceEvents> }, options: HarOptions = {}): HarRecording {
  checkNames('har', options, HAR_OPTIONS);
  const scheduler = defaultScheduler() as unknown as { now(): number; wallNow(): number };
  const tracer = tracerOf(session.trace);
  const recorder = new Recorder(
    new Redactor(checkFlag('har.redact', own(options, 'redact'), true), checkList(own(options, 'redactParams'))),
    checkBodies(own(options, 'bodies')),
    scheduler.wallNow() - scheduler.now(),
  );
  tracer.observers.add(recorder);
  return {
    stop: () => {
      tracer.observers.delete(recorder);
      return recorder.finish();
    },
  };
}

function checkList(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined) return [];
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names as readonly string[];
  throw invalidOption('har.redactParams', names, "give a list of names, as in ['ticket']");
}

/** How many bytes of each body are recorded. */
function checkBodies(bodies: boolean | number | undefined): number {
  if (bodies === undefined || bodies === false) return 0;
  if (bodies === true) return DEFAULT_SIZE;
  if (Number.isSafeInteger(bodies) && bodies >= 0) return bodies;
  throw invalidOption('har.bodies', bodies, 'give true, false, or how many bytes of each body are kept');
}
