// `pnpm run site` builds the site and serves it; `run site build` only builds it; `run site walk` walks what was built.
import { join } from 'node:path';
import { build } from 'vitepress';
import { generated, prepare, site } from './prepare.ts';
import { serve } from './serve.ts';
import { writeTwins } from './twins.ts';
import { walk } from './walk.ts';

const PORT = 4_173;
const dist = join(site, 'dist');

async function make(): Promise<void> {
  await prepare();
  await build(site);
  writeTwins(generated, dist);
}

const [command, ...more] = process.argv.slice(2);
if (more.length > 0 || !['build', 'walk', undefined].includes(command)) {
  console.error(
    'site         builds the site and serves it\nsite build   builds it into site/dist\nsite walk    walks what was built',
  );
  process.exitCode = 2;
} else if (command === 'walk') {
  process.exitCode = await walk(dist);
} else {
  await make();
  if (command === undefined) {
    const { port } = await serve(dist, PORT);
    console.log(`The site is at http://127.0.0.1:${port}/  Ctrl-C ends it.`);
  }
}
