/** The check of the site that the program brings along, and whether it found what was hidden there. */
import { acquire, type Operation } from '@coloop/core';
import { DEFAULTS } from '../crawl/options.ts';
import type { Access } from '../crawl/session.ts';
import type { Output } from '../output/progress.ts';
import type { Findings } from '../report/findings.ts';
import { plural, wrap } from '../report/format.ts';
import { findRoot } from '../world/library.ts';
import { embeddedWorld, type World } from '../world/world.ts';
import type { Options } from './options.ts';
import { missedFaults, plantedLinks } from './planted.ts';
import { runCheck } from './run.ts';

const FOUND = 0;
const MISSED = 1;

/** Characters that every terminal has in a line. */
const LINE = 80;

/** Far longer than its slow pages take, also on a busy machine, and short enough to be waited for, in milliseconds. */
const EMBEDDED_TIMEOUT = 6_000;

/** Returns the exit code. */
export function* checkEmbeddedSite(options: Options, output: Output): Operation<number> {
  const world = yield* acquire(embeddedWorld({ root: findRoot(import.meta.dirname) }));
  const say = (text: string): unknown => output.write(`${wrap(text, LINE)}\n`);
  say(`A library of ${plural(world.documents, 'document')} is open at ${world.url}`);
  say(`behind a proxy with a password, under names that only the DNS server ${world.nameserver} knows.`);
  output.write('\n');
  const { concurrency, threads } = options.reach;
  const reach = { ...DEFAULTS, concurrency, threads, timeout: EMBEDDED_TIMEOUT };
  const access: Access = {
    proxy: world.proxy,
    nameservers: [world.nameserver],
    ca: world.ca,
    insecure: false,
    timeout: EMBEDDED_TIMEOUT,
    concurrency,
  };
  const findings = yield* runCheck({
    ...options,
    sites: [new URL(world.url)],
    reach,
    access,
    gain: true,
    output,
    known: new Set(),
    baselineFile: undefined,
    details: (found) => details(world, found),
  });
  const missed = missedFaults(world.faults, findings).length;
  const planted = plural(world.faults.length, 'fault');
  output.write(
    missed === 0
      ? `All ${planted} that were planted there were found.\n`
      : `Missed ${missed} of the ${planted} that were planted there.\n`,
  );
  return missed > 0 ? MISSED : FOUND;
}

function details(world: World, findings: Findings): string[] {
  const stats = world.stats();
  const planted = plantedLinks(world.faults, findings);
  const broken = findings.broken.length;
  return [
    `On the way: ${plural(stats.tunnels, 'tunnel')} through the proxy carried ${plural(stats.requests, 'request')}, ` +
      `and the DNS server was asked ${plural(stats.queries, 'question')}.`,
    `Of the ${plural(broken, 'broken link')}, ${planted} were planted there; the other ${broken - planted} are in the documents themselves.`,
    ...missedFaults(world.faults, findings).map(({ what, link, page }) => `Missed: ${what}, ${link} on ${page}`),
  ];
}
