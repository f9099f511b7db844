import { cpus, totalmem } from 'node:os';

/** Where and when something was measured: absolute figures mean nothing without it. */
export interface Measured {
  readonly date: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cpus: number;
  /** Of the machine, in GB. */
  readonly memory: number;
  readonly runs: number;
}

/** What this process runs on. */
export function measuredNow(runs: number): Measured {
  const all = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: all[0]?.model.trim() ?? 'unknown',
    cpus: all.length,
    memory: Math.round(totalmem() / 2 ** 30),
    runs,
  };
}
