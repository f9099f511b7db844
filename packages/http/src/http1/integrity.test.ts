/** Many requests at once over few connections, at random: every body has to be the one that was sent, or an error. */
import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { attempt, forEach, moveOnAfter, type Operation, run, sleep, spawn, until } from '@coloop/core';
import { eventually, serve, serveTls } from '@coloop/test-servers/vitest';
import { expect, test } from 'vitest';
import { ClientError } from '../errors.ts';
import { Session } from '../node/session.ts';
import type { Response } from '../response/response.ts';

const REQUESTS = 120;
const WORKERS = 16;
const SIZES = [0, 1, 1_000, 16_384, 65_536, 70_000, 131_073, 200_000, 1_500_000];

/** Park and Miller's generator: numbers from 0 to 1, the same for the same seed. */
function randomly(seed: number): () => number {
  // Spread out, since the first numbers of seeds that are close to each other are close as well.
  let state = (seed * 1_234_567_891) % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** What is known on both sides of a request by its number. */
function planOf(id: number): { random: () => number; body: Buffer; coded: boolean; breaks: boolean } {
  const random = randomly(id);
  const body = Buffer.alloc(SIZES[Math.floor(random() * SIZES.length)] as number, `${random()}\n`);
  return { random, body, coded: random() < 0.3, breaks: random() < 0.1 };
}

const handler: RequestListener = async (request, response) => {
  const digest = createHash('sha256');
  for await (const chunk of request) digest.update(chunk);
  const { random, body, coded, breaks } = planOf(Number(request.url?.slice(1)));
  const bytes = coded ? gzipSync(body) : body;
  const end = breaks ? Math.floor(bytes.length * random()) : bytes.length;
  response.setHeader('X-Upload', digest.digest('hex'));
  if (coded) response.setHeader('Content-Encoding', 'gzip');
  if (random() < 0.5) response.setHeader('Content-Length', bytes.length);
  if (random() < 0.1) response.setHeader('Connection', 'close');
  const most = random() < 0.3 ? 3_000 : 100_000;
  for (let at = 0; at < end && !response.destroyed; ) {
    const next = Math.min(end, at + 1 + Math.floor(random() * most));
    response.write(bytes.subarray(at, next));
    if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
    at = next;
  }
  if (breaks) response.destroy();
  else response.end();
};

function* readSlowly(response: Response, random: () => number): Operation<{ bytes: Buffer; whole: boolean }> {
  const source = response.chunks();
  const chunks: Uint8Array[] = [];
  const enough = random() < 0.3 ? 1 + Math.floor(random() * 5) : Number.POSITIVE_INFINITY;
  while (chunks.length < enough) {
    const chunk = yield* source.next();
    if (chunk.done) return { bytes: Buffer.concat(chunks), whole: true };
    chunks.push(chunk.value);
    // Real time: a reader is slow only by comparison with the real server.
    if (random() < 0.3) yield* sleep(random() * 3);
  }
  yield* source.close();
  return { bytes: Buffer.concat(chunks), whole: false };
}

function* readInLines(response: Response): Operation<Buffer> {
  const lines: string[] = [];
  yield* forEach(response.lines(), (line) => void lines.push(line));
  return Buffer.from(lines.join('\n'));
}

function* readIntoMemory(response: Response, random: () => number): Operation<Buffer> {
  const memory = new Uint8Array(1 + Math.floor(random() * 100_000));
  const parts: Uint8Array[] = [];
  for (let got = yield* response.readInto(memory); got > 0; got = yield* response.readInto(memory)) {
    parts.push(memory.slice(0, got));
    // Real time: a reader is slow only by comparison with the real server.
    if (random() < 0.1) yield* sleep(random() * 3);
  }
  return Buffer.concat(parts);
}

/** Gives up asking for all of it once or twice, and takes what comes then. */
function* readAtSecondThought(response: Response, random: () => number): Operation<Uint8Array> {
  yield* moveOnAfter(random() * 3, response.bytes());
  if (random() < 0.5) return yield* response.bytes();
  const chunks: Uint8Array[] = [];
  yield* forEach(response.chunks(), (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}

function* check(session: Session, url: string, id: number, random: () => number): Operation<void> {
  const { body } = planOf(id);
  const upload = Buffer.alloc(Math.floor(random() * 40_000), `${id} `);
  const response = yield* session.post(url, { body: upload });
  expect(response.headers.get('x-upload')).toBe(createHash('sha256').update(upload).digest('hex'));
  if (random() < 0.2) return response[Symbol.dispose]();
  const way = random();
  if (way < 0.2) return sameBody(yield* response.bytes(), body, `the body of ${id} as a whole`);
  if (way < 0.4) return sameBody(yield* readAtSecondThought(response, random), body, `the body of ${id} at last`);
  if (way < 0.5) return sameBody(yield* readIntoMemory(response, random), body, `the body of ${id} in memory`);
  if (way < 0.65) {
    const text = body.at(-1) === 10 ? body.subarray(0, -1) : body;
    return sameBody(yield* readInLines(response), text, `the lines of ${id}`);
  }
  const { bytes, whole } = yield* readSlowly(response, random);
  sameBody(bytes, whole ? body : body.subarray(0, bytes.length), `the body of ${id} in chunks`);
}

function sameBody(bytes: Uint8Array, body: Buffer, what: string): void {
  expect(body.equals(bytes), what).toBe(true);
}

function* work(session: Session, urls: readonly string[], first: number): Operation<void> {
  const random = randomly(first);
  for (let id = first; id <= REQUESTS; id += WORKERS) {
    const request = check(session, `${urls[id % urls.length]}/${id}`, id, random);
    const patience = random() < 0.2 ? random() * 20 : Number.POSITIVE_INFINITY;
    const tried = yield* attempt(moveOnAfter(patience, request));
    if (tried.ok || (planOf(id).breaks && tried.error instanceof ClientError)) continue;
    throw tried.error;
  }
}

test('among many requests that are slow, broken off and cancelled each gets its own body, and nothing is left', async () => {
  const servers = [await serve(handler), await serveTls(handler)];
  await run(function* () {
    const session = yield* Session.open({ ssl: false, pool: { limit: 6 } });
    const urls = servers.map(({ url }) => url);
    const workers = Array.from({ length: WORKERS }, (_, index) => spawn(work(session, urls, index + 1)));
    for (const worker of workers) yield* worker;
    yield* until(eventually(() => session.pool.stats.busy === 0));
    expect(session.pool.stats).toMatchObject({ busy: 0, waiting: 0 });
    yield* session.close();
    expect(session.pool.stats).toMatchObject({ total: 0, sockets: 0 });
  });
  await eventually(() => servers.every(({ open }) => open.size === 0));
  for (const { open } of servers) expect(open.size).toBe(0);
});
