// `pnpm run example <name> [arguments]` runs a program of packages/examples; without a name it lists them.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './workspace.ts';

const source = join(root, 'packages/examples/src');

/** A program is a file, or a folder with a `main.ts`. */
function programs(): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const main = join(source, entry.name, 'main.ts');
    if (entry.isDirectory() && existsSync(main)) found.set(entry.name, main);
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) {
      found.set(entry.name.replace(/\.ts$/, ''), join(source, entry.name));
    }
  }
  return found;
}

const [name, ...rest] = process.argv.slice(2);
const all = programs();
const file = name === undefined ? undefined : all.get(name);
if (file) {
  // The program sees its own arguments, as if it had been started by itself.
  process.argv = [process.argv[0] ?? 'node', file, ...rest];
  await import(pathToFileURL(file).href);
} else {
  if (name !== undefined) console.error(`There is no example '${name}'.`);
  console.log(['Examples, each started with `pnpm run example <name>`:', ...[...all.keys()].sort()].join('\n  '));
  process.exitCode = name === undefined ? 0 : 2;
}
