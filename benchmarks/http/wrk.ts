// `wrk.js FILE CONNECTIONS SECONDS` runs wrk and prints one sample: what its own process and its threads used.
import { spawnSync } from 'node:child_process';
import { KILOBYTE, TEN_MEBIBYTES, targetOf } from './target.ts';

const [file = '', connections = '1', seconds = '1'] = process.argv.slice(2);
const { url } = targetOf(file === KILOBYTE.path ? KILOBYTE : TEN_MEBIBYTES);
// The shell's own `times` is the one place that tells a child's CPU time to everybody.
const script = `wrk -t1 -c"$1" -d"$2"s --timeout 30s "$3"; times`;
const done = spawnSync('bash', ['-c', script, 'bench', connections, seconds, url], { encoding: 'utf8' });
const requests = Number(/(\d+) requests in/.exec(done.stdout)?.[1] ?? 0);
const failed = /Socket errors|Non-2xx/.test(done.stdout);
const children = done.stdout.trim().split('\n').at(-1) ?? '';
const used = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
if (requests === 0 || failed || done.status !== 0) throw new Error(`wrk did not work:\n${done.stdout}${done.stderr}`);
const sample = { wall: (Number(seconds) * 1e9) / requests, cpu: (used * 1e9) / requests, heap: 0, rss: 0 };
process.stdout.write(`${JSON.stringify(sample)}\n`);
