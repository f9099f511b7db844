// `pnpm run example <name> [arguments]` runs a program of packages/examples; without a name it lists them.
import { pathToFileURL } from 'node:url';
import { examples, nearest } from './examples.ts';

const [name, ...rest] = process.argv.slice(2);
const all = examples();
const chosen = all.find((one) => one.name === name);
if (chosen) {
  // The program sees its own arguments, as if it had been started by itself.
  process.argv = [process.argv[0] ?? 'node', chosen.file, ...rest];
  await import(pathToFileURL(chosen.file).href);
} else {
  const width = Math.max(...all.map((one) => one.name.length));
  const list = all.map((one) => `  ${one.name.padEnd(width)}  ${one.about}`).join('\n');
  const command = 'npx --yes pnpm@12.21.0 example NAME';
  if (name === undefined) {
    console.log(`Examples, each started with ${command}:\n\n${list}`);
  } else {
    const names = all.map((one) => one.name);
    console.error(`There is no example '${name}'. Did you mean '${nearest(name, names)}'?\nAll of them:\n\n${list}`);
    process.exitCode = 2;
  }
}
