import { startWorkload } from '../harness/start.ts';
import type { Job, Workload } from '../harness/workload.ts';
import {
  axios,
  type Client,
  coloop,
  coloopReadInto,
  dispatch,
  got,
  ky,
  nodeHttp,
  platformFetch,
  request,
  type Shape,
  socket,
} from './clients.ts';
import { programsFor } from './programs.ts';
import { KILOBYTE, TEN_MEBIBYTES } from './target.ts';

const CLIENTS: Readonly<Record<string, Client>> = {
  coloop,
  'undici dispatch': dispatch,
  'undici request': request,
  fetch: platformFetch,
  'node:http': nodeHttp,
  got,
  axios,
  ky,
  'bare socket': socket,
};

const PEERS = Object.keys(CLIENTS).filter((name) => name !== 'coloop');

const SLOW = ['fetch', 'got', 'axios', 'ky', 'aiohttp uvloop', 'aiohttp asyncio'];

const small = { file: KILOBYTE, connections: 50 } as const;
const many = { file: KILOBYTE, connections: 1_000 } as const;
const large = { file: TEN_MEBIBYTES, connections: 1 } as const;
const limited = { ...small, timeout: 10_000 } as const;

const bind = (names: readonly string[], shape: Shape, add = ''): Record<string, () => Promise<Job>> =>
  Object.fromEntries(names.map((name) => [name + add, () => (CLIENTS[name] as Client)(shape)]));

/** So many that what V8 compiles at first is a small part of it, for every client. */
const MANY = 120_000;

const requests = { unit: 'requests', each: 1 } as const;

/** The workloads of the client, by the name that the command takes: all of them count CPU time of the client. */
export const httpWorkloads: Readonly<Record<string, Workload>> = {
  'get-50': {
    unit: 'request',
    about: 'GET of 1 KiB of JSON, 50 connections',
    count: MANY,
    counts: counts(10_000),
    measure: 'cpu',
    baseline: 'undici dispatch',
    rate: requests,
    systems: bind(Object.keys(CLIENTS), small),
    programs: programsFor(small),
  },
  'get-1000': {
    unit: 'request',
    about: 'GET of 1 KiB of JSON, 1,000 connections',
    count: MANY,
    counts: counts(10_000),
    measure: 'cpu',
    baseline: 'undici dispatch',
    rate: requests,
    systems: bind(Object.keys(CLIENTS), many),
    programs: programsFor(many),
  },
  'get-timeout': {
    unit: 'request',
    about: 'the same at 50 connections, with a total limit of 10 s on every request; first each one without',
    count: MANY,
    counts: { ...counts(10_000), 'fetch with none': 10_000 },
    measure: 'cpu',
    baseline: 'coloop with none',
    rate: requests,
    systems: {
      ...bind(['coloop', 'undici request', 'fetch', 'node:http'], small, ' with none'),
      ...bind(['coloop', 'undici request', 'fetch', 'node:http', 'got', 'axios', 'ky'], limited),
    },
    programs: programsFor(limited),
  },
  download: {
    unit: 'download',
    about: 'downloads of 10 MiB, one after the other, taken chunk by chunk, or into memory of the reader',
    count: 100,
    counts: { ...counts(20), 'aiohttp uvloop': 100, 'aiohttp asyncio': 100 },
    warm: true,
    measure: 'cpu',
    baseline: 'undici dispatch',
    rate: { unit: 'MB', each: 10.485_76 },
    systems: { coloop: () => coloop(large), 'coloop readInto': () => coloopReadInto(large), ...bind(PEERS, large) },
    programs: programsFor(large),
  },
  'start-http': startWorkload('a process that imports the client and ends, from its beginning', {
    coloop: '@coloop/http',
    undici: 'undici',
    got: 'got',
    axios: 'axios',
    ky: 'ky',
    'node:http': 'node:http',
  }),
};

function counts(count: number): Record<string, number> {
  return Object.fromEntries(SLOW.map((name) => [name, count]));
}
