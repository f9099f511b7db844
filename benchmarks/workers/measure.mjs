// One measurement in one process, of the packages as they are built: `measure.mjs SYSTEM WORKLOAD UNITS` prints a sample as JSON.
import { readdirSync, readFileSync } from 'node:fs';
import { load, withSystem } from './systems.mjs';

const MEBIBYTE = 2 ** 20;

/** What is called, how many of them at a time, and with what. */
const WORK = {
  'worker-calls': { name: 'empty', lanes: 100, argument: () => undefined },
  'worker-call': { name: 'empty', lanes: 1, argument: () => undefined },
  'worker-transfer': { name: 'bounce', lanes: 16, argument: () => new Uint8Array(MEBIBYTE) },
  'worker-waits': { name: 'nap', lanes: 10_000, argument: () => 100 },
  'worker-compute': { name: 'compute', lanes: 4, argument: () => 1_500_000 },
  'worker-start': { name: 'empty', lanes: 2, argument: () => undefined },
};

const [system, workload, times] = process.argv.slice(2);
const units = Number(times);
const { name, lanes, argument } = WORK[workload];
const width = Math.min(lanes, units);

/** CPU time in ns: of this process with its threads, and of its children, which Linux tells. */
function cpuTime() {
  const { user, system: kernel } = process.cpuUsage();
  return (user + kernel) * 1e3 + childrenTime();
}

function childrenTime() {
  if (process.platform !== 'linux') return 0;
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ');
      if (Number(fields[1]) === process.pid) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended.
    }
  }
  return ticks * 1e7;
}

let wall = 0;
let cpu = 0;
await load(system);

if (workload === 'worker-start') {
  // From nothing to an answer of each worker, and to their end.
  const [start, used] = [performance.now(), cpuTime()];
  await withSystem(system, lanes, () => [[name, argument, 2, 2]]);
  wall = performance.now() - start;
  cpu = cpuTime() - used;
} else {
  await withSystem(system, lanes, () => [
    [name, argument, Math.ceil(units / 5), width],
    () => {
      wall = performance.now();
      cpu = cpuTime();
    },
    [name, argument, units, width],
    () => {
      wall = performance.now() - wall;
      cpu = cpuTime() - cpu;
    },
  ]);
}

const rss = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ wall: (wall * 1e6) / units, cpu: cpu / units, heap: 0, rss }));
process.exit(0);
