import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gather, type Operation } from '@coloop/core';
import { openProcess } from '@coloop/core/node';
import { type Command, CommandError, MISUSED } from '../command.ts';

/** Where Redis is, so that no password stands in a list of processes. */
const REDIS = 'COLOOP_REDIS';

/** How long a process has to end its jobs, in ms: the time for which they may go on, and that of their cleanups. */
const GRACE = 15_000;
/** The exit code for a process that a signal ended. */
const KILLED = 1;

interface Order {
  /** Of the module, as a URL. */
  readonly module: string;
  readonly queue: string;
  readonly redis: string;
  readonly concurrency: number;
  readonly processes: number;
}

/**
 * What each process runs: the packages are those that the module has, so that both share one copy of the library.
 * What it needs stands in its environment, as the address may have a password in it.
 */
const PROGRAM = `
import { main } from '@coloop/core/node';
import { bullmq, work } from '@coloop/jobs';
const { module, queue, redis, concurrency } = JSON.parse(process.env.COLOOP_WORK);
delete process.env.COLOOP_WORK;
const engine = bullmq({ connection: redis });
await main(() => work(new URL(module), { queue, engine, concurrency }));
`;

/** Runs the jobs of a queue in Redis with the exports of a module. */
export const work: Command = {
  takes: 'MODULE --queue NAME',
  summary: 'runs the jobs of a queue in Redis with the exports of a module',
  *run(args): Operation<number> {
    const order = readOrder(args);
    const codes = yield* gather(Array.from({ length: order.processes }, () => workIn(order)));
    return Math.max(...codes);
  },
};

/** Cancellation: the process gets SIGTERM, and its jobs may go on until they are done or the grace is over. */
function* workIn(order: Order): Operation<number> {
  const directory = new URL('.', order.module);
  const child = yield* openProcess(process.execPath, [...process.execArgv, '--input-type=module', '--eval', PROGRAM], {
    cwd: directory,
    env: { ...process.env, COLOOP_WORK: JSON.stringify(order) },
    stdout: 'inherit',
    stderr: 'inherit',
    grace: GRACE,
  });
  const { code } = yield* child.wait();
  return code ?? KILLED;
}

function readOrder(args: readonly string[]): Order {
  const { values, positionals } = parsed(args);
  const [path, more] = positionals;
  if (path === undefined) throw misused('coloop work takes a module, such as `coloop work ./jobs.js --queue images`.');
  if (more !== undefined) throw misused(`coloop work takes one module, and no ${more} behind it.`);
  const { queue, redis = process.env[REDIS] } = values;
  if (queue === undefined || queue === '') throw misused('coloop work needs the name of a queue: `--queue images`.');
  if (redis === undefined) {
    throw misused(
      `coloop work needs to know where Redis is: set ${REDIS}, such as redis://127.0.0.1:6379, or give \`--redis URL\`.`,
    );
  }
  return {
    module: pathToFileURL(path).href,
    queue,
    redis,
    concurrency: countOf('concurrency', values.concurrency, 100),
    processes: countOf('processes', values.processes, 1),
  };
}

const OPTIONS = {
  queue: { type: 'string' },
  redis: { type: 'string' },
  concurrency: { type: 'string' },
  processes: { type: 'string' },
} as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // The first sentence: what follows is about arguments that begin with a dash.
    throw misused(`${(error as Error).message.split('. ')[0]?.replace(/\.$/, '')}.`);
  }
}

function countOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw misused(`--${name} takes a whole number from 1 on, not ${JSON.stringify(text)}.`);
}

const misused = (message: string): CommandError => new CommandError(message, MISUSED);
