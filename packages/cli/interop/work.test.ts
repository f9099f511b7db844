// Real time: Redis and processes have no other.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { gather, run, timeout } from '@coloop/core';
import { bullmq, JobQueue } from '@coloop/jobs';
import { REDIS, type RunningRedis, redisTitle, startRedis } from '@coloop/test-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ENTRY = fileURLToPath(new URL('../src/bin/coloop-entry.ts', import.meta.url));
const MODULE = fileURLToPath(new URL('./jobs.fixture.ts', import.meta.url));

function coloop(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const flags = ['--conditions=@coloop/source', '--import', import.meta.resolve('tsx')];
  return spawn(process.execPath, [...flags, ENTRY, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; err: string }> {
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += String(chunk);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, err };
}

describe.skipIf(REDIS === undefined)(redisTitle('coloop work'), () => {
  let redis: RunningRedis;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.close());

  test('runs the jobs of a queue in so many processes, and ends with them at SIGTERM', async () => {
    const worker = coloop(['work', MODULE, '--queue', 'doubles', '--processes', '2'], { COLOOP_REDIS: redis.url });
    const ended = endOf(worker);
    const pids = await run(function* () {
      const engine = bullmq({ connection: redis.url });
      const jobs = yield* JobQueue.open<typeof import('./jobs.fixture.ts')>('doubles', { engine });
      expect(yield* timeout(60_000, jobs.call('double', 21))).toBe(42);
      const found = new Set<number>();
      // Until the second process is there, the first one runs them all.
      while (found.size < 2) {
        const ran = yield* gather(Array.from({ length: 20 }, () => jobs.call('whoRuns')));
        for (const { pid } of ran) found.add(pid);
      }
      return found;
    });
    worker.kill('SIGTERM');
    await ended;
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('tells what is missing, and shows no password', async () => {
    const without = { COLOOP_REDIS: undefined };
    expect(await endOf(coloop(['work', MODULE, '--queue', 'x'], without))).toEqual({
      code: 2,
      err: 'coloop work needs to know where Redis is: set COLOOP_REDIS, such as redis://127.0.0.1:6379, or give `--redis URL`.\n',
    });
    const url = `redis://:some-secret@127.0.0.1:1`;
    const gone = await endOf(coloop(['work', MODULE, '--queue', 'x'], { COLOOP_REDIS: url }));
    expect(gone.code).toBe(1);
    expect(gone.err).toContain('EngineUnavailableError: Redis at 127.0.0.1:1 cannot be reached');
    expect(gone.err).not.toContain('secret');
  });
});
