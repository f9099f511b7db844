/** Where the server of this run is; the command puts it into the environment of what it starts. */
export const TARGET = 'COLOOP_BENCH_SERVER';

/** What one client needs to know. */
export interface Target {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly url: string;
  /** How many bytes the body has. */
  readonly size: number;
}

/** 1,024 bytes of JSON. */
export const KILOBYTE = { path: '/kilobyte.json', size: 1_024 } as const;
/** A body of 10 MiB. */
export const TEN_MEBIBYTES = { path: '/ten-mebibytes.bin', size: 10 * 1024 * 1024 } as const;

/** The address of `file` on the server of this run. */
export function targetOf(file: { readonly path: string; readonly size: number }): Target {
  const origin = process.env[TARGET];
  if (origin === undefined) throw new Error(`${TARGET} is not set: start this with the command \`bench\`.`);
  const { hostname, port } = new URL(origin);
  return { origin, host: hostname, port: Number(port), url: origin + file.path, ...file };
}

/** `connections` clients, each taking one request after the other until `count` are done. */
export async function clients(connections: number, count: number, one: () => Promise<void>): Promise<void> {
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: connections }, client));
}

/** Refuses a measurement of anything else than whole bodies. */
export function check(size: number, target: Target, status = 200): void {
  if (size !== target.size || status !== 200) {
    throw new Error(`Got ${size} bytes with status ${status} from ${target.url}, and not ${target.size} with 200.`);
  }
}
