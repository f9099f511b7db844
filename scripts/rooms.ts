// Holds the sources to the plan of the house and prints its figures: `pnpm run check rooms`.
import { join } from 'node:path';
import { figures } from './rooms/figures.ts';
import { readSources } from './rooms/graph.ts';
import { plans } from './rooms/plan.ts';
import { violations } from './rooms/rules.ts';
import { root } from './workspace.ts';

let count = 0;
for (const [name, plan] of Object.entries(plans)) {
  const sources = readSources(join(root, 'packages', name, 'src'));
  const problems = violations(sources, plan);
  count += problems.length;
  for (const problem of problems) console.error(`${name}: ${problem}`);
  for (const line of figures(sources, plan)) console.log(`${name.padEnd(12)} ${line}`);
}
console.log(
  count === 0 ? 'Every import follows the arrows.' : `${count} files, imports or calls are in the wrong room.`,
);
process.exitCode = count === 0 ? 0 : 1;
