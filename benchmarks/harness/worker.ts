// One measurement in one process: `worker.js WORKLOAD SYSTEM UNITS SIZE` prints one line of JSON.
import { workloads } from '../workloads.ts';
import { percentilesOf, type Sample } from './sample.ts';

const [name = '', system = '', times = '', size = ''] = process.argv.slice(2);
const workload = workloads[name];
const load = workload?.systems[system];
if (workload === undefined || load === undefined) throw new Error(`No system '${system}' for the workload '${name}'.`);

const units = Number(times);
const job = await load(Number(size));
// A small run first, so that what is measured is compiled code.
if (workload.measure !== 'heap' && workload.warm !== false) {
  await job(Math.min(units, Math.max(1_000, Math.ceil(units / 10))));
}
globalThis.gc?.();
const heap = process.memoryUsage().heapUsed;
const cpu = process.cpuUsage();
const start = performance.now();
const kept = await job(units);
const wall = performance.now() - start;
const used = process.cpuUsage(cpu);
globalThis.gc?.();
const sample: Sample = {
  wall: (wall * 1e6) / units,
  cpu: ((used.user + used.system) * 1e3) / units,
  heap: (process.memoryUsage().heapUsed - heap) / units,
  rss: process.resourceUsage().maxRSS / 1024,
  ...(workload.measure === 'late' ? { late: percentilesOf(kept as number[]) } : {}),
};
process.stdout.write(`${JSON.stringify(sample)}\n`);
// What the job returned stays alive until the heap was looked at; sleeping tasks need not be waited for.
process.exit(kept === Symbol.iterator ? 1 : 0);
