// `pnpm run example <name> [arguments]` runs a program of packages/examples; without a name it lists them.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { examples, firstComment, suggestion } from './examples.ts';

const COMMAND = 'npx --yes pnpm@12.21.0 example';
const HELP = ['--help', '-h', 'help'];

// pnpm hands the `--` of `example -- NAME` on.
const [name, ...rest] = process.argv.slice(process.argv[2] === '--' ? 3 : 2);
const all = examples();
const width = Math.max(...all.map((one) => one.name.length));
const list = all.map((one) => `  ${one.name.padEnd(width)}  ${one.about}`).join('\n');
const chosen = all.find((one) => one.name === name);

if (chosen && rest.some((word) => HELP.includes(word)) && !chosen.explainsItself) {
  console.log(
    `${firstComment(readFileSync(chosen.file, 'utf8'))}\n\nStart it: ${COMMAND} ${chosen.name}\n${chosen.file}`,
  );
} else if (chosen) {
  // The program sees its own arguments, as if it had been started by itself.
  process.argv = [process.argv[0] ?? 'node', chosen.file, ...rest];
  await import(pathToFileURL(chosen.file).href);
} else if (name === undefined || HELP.includes(name)) {
  console.log(
    `${COMMAND} NAME         starts an example\n${COMMAND} NAME --help  says what it shows, and where its file is\n\n${list}`,
  );
} else {
  console.error(`There is no example '${name}'.${suggestion(name, all)}\nAll of them:\n\n${list}`);
  process.exitCode = 2;
}
