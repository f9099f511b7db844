/* A download: one file brought to the disk over as many connections as it takes. */
import { type Operation, type Source, shield, sleep } from '@coloop/core';
import type { Recycling } from '../bytes/recycling.ts';
import { checkCallback, checkCount, checkNames, invalid, own } from '../checks.ts';
import {
  AddressNotAllowedError,
  ClientConnectionError,
  type ClientError,
  ClientPayloadError,
  ClientSslError,
  LimitExceededError,
} from '../errors.ts';
import type { Progress } from '../request/request.ts';
import { HttpResponse, type Response } from '../response/response.ts';
import { PartFile } from './part-file.ts';
import { type DownloadStep, nextStep, rangeHeaders, validatorOf } from './plan.ts';

/** What concerns a download alone. */
export interface DownloadOptions {
  /** Called as the file grows; `bytes` counts what is on the disk, an earlier part included. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** How many connections in a row may break without bringing anything before the error is thrown. Default 5. */
  readonly attempts?: number | undefined;
}

/** What a download has brought. */
export interface DownloadResult {
  readonly file: string;
  /** The size of the file. */
  readonly bytes: number;
  /** The bytes of it that an earlier download had left; 0 for one that began anew. */
  readonly resumedFrom: number;
  /** The URL that answered last. */
  readonly url: string;
  readonly headers: Headers;
}

/** Asks for the file with these headers; bodies have to come as they are, without decoding. */
export type OpenDownload = (headers: Readonly<Record<string, string>>) => Operation<Response>;

/**
 * Brings a file to the disk, across broken connections and across runs.
 *
 * It grows as `file.part` beside its place and is moved there when it is complete. A connection that breaks is
 * continued with Range and If-Range; if the file has changed meanwhile, or the server knows no ranges, it begins
 * anew.
 *
 * Cancellation: keeps what came in `file.part`; the next download of the same URL goes on there.
 *
 * @throws ClientResponseError for a response that brings no file; ClientError if the disk fails; the last
 *   connection's error
 *
 * Source: RFC 9110, sections 13.1.5 and 14.
 */
export function* download(
  open: OpenDownload,
  url: string,
  file: string,
  options: DownloadOptions = {},
): Operation<DownloadResult> {
  checkNames('session.download', options, DOWNLOAD_OPTIONS);
  const attempts = checkCount('download.attempts', own(options, 'attempts'), 5);
  const onProgress = checkCallback('download.onProgress', own(options, 'onProgress'));
  const part = new PartFile(checkPath(file), url);
  try {
    yield* part.open();
    const resumedFrom = part.partial.validator === undefined ? 0 : part.partial.size;
    let first = -1;
    const course: Course = { restarts: 0 };
    // What a server brings once more is no progress.
    let most = part.partial.size;
    for (let failures = 0; ; ) {
      try {
        const { response, from } = yield* transfer(open, part, course, onProgress);
        if (first === -1) first = from;
        const bytes = part.partial.size;
        yield* part.finish();
        return { file, bytes, resumedFrom: Math.min(first, resumedFrom), url: response.url, headers: response.headers };
      } catch (error) {
        failures = part.partial.size > most ? 1 : failures + 1;
        most = Math.max(most, part.partial.size);
        if (!passing(error) || failures >= attempts || course.restarts >= attempts) throw error;
      }
      yield* sleep(Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1)));
    }
  } finally {
    yield* shield(part.close());
  }
}

/** The options of a download alone, by name. */
export const DOWNLOAD_OPTIONS: readonly (keyof DownloadOptions)[] = ['onProgress', 'attempts'];
const FIRST_WAIT = 100;
const LONGEST_WAIT = 10_000;

/** What a download has learned of its server. */
interface Course {
  /** How often it had to begin anew. */
  restarts: number;
}

function* transfer(
  open: OpenDownload,
  part: PartFile,
  course: Course,
  onProgress: DownloadOptions['onProgress'],
): Operation<{ response: Response; from: number }> {
  let first = -1;
  for (let restarts = 0; ; ) {
    const response = yield* open(rangeHeaders(part.partial));
    try {
      const step = nextStep(part.partial, response);
      if (step.kind === 'complete') return { response, from: first === -1 ? part.partial.size : first };
      if (step.kind === 'write') {
        yield* writeBody(response, step, part, onProgress);
        if (first === -1 || step.from === 0) first = step.from;
        if (step.from === 0 || step.total !== undefined) return { response, from: first };
        // Nobody has said how large the file is: whether this range was its last shows when the next one is asked for.
        continue;
      }
    } finally {
      response[Symbol.dispose]();
    }
    course.restarts += 1;
    restarts += 1;
    if (restarts > 1) {
      throw new ClientPayloadError(
        `The server of ${response.url} sends ranges that were not asked for, or contradicts itself about the file: download it from another address, or read response.chunks().`,
        {
          code: 'BAD_RANGE',
        },
      );
    }
    yield* part.begin({ size: 0, validator: undefined, total: undefined });
  }
}

function* writeBody(
  response: Response,
  step: Extract<DownloadStep, { kind: 'write' }>,
  part: PartFile,
  onProgress: DownloadOptions['onProgress'],
): Operation<void> {
  const { from, end, total } = step;
  const validator = validatorOf(response) ?? (from > 0 ? part.partial.validator : undefined);
  yield* part.begin({ size: from, validator, total });
  onProgress?.({ direction: 'download', bytes: from, total });
  const chunks: Source<Uint8Array> & Recycling =
    response instanceof HttpResponse ? response.recyclableChunks() : response.chunks();
  for (let r = yield* chunks.next(); !r.done; r = yield* chunks.next()) {
    if (end !== undefined && part.partial.size + r.value.length > end) throw wrongSize(response, end, 'more');
    yield* part.write(r.value);
    chunks.recycle?.(r.value);
    onProgress?.({ direction: 'download', bytes: part.partial.size, total });
  }
  const { size } = part.partial;
  const announced = total ?? end;
  if (announced !== undefined && size !== announced) throw wrongSize(response, announced, `${size}`);
}

function wrongSize({ url }: Response, announced: number, came: string): ClientPayloadError {
  return new ClientPayloadError(
    `The response of ${url} announced ${announced} bytes, and ${came} came: download it again.`,
    { code: 'INCOMPLETE' },
  );
}

function checkPath(file: string): string {
  if (typeof file === 'string' && file !== '' && !file.includes('\0')) return file;
  throw invalid('The file of a download', file, 'give a path');
}

/** Whether another connection may fare better. */
function passing(error: unknown): error is ClientError {
  if (error instanceof LimitExceededError || error instanceof ClientSslError) return false;
  if (error instanceof AddressNotAllowedError) return false;
  return error instanceof ClientConnectionError || error instanceof ClientPayloadError;
}
