// Everything that can be said about the sources without running them: `pnpm run check`, or one part of it, `pnpm run check types`.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.ts';

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

function tool(name: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'node_modules/.bin', name), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/** Compiles every tsconfig of the workspace, two at a time. */
async function types(): Promise<Outcome> {
  const folders = ['.', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)];
  const queue = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /^tsconfig(?!\.base|\.reference).*\.json$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const outcomes: Outcome[] = [];
  async function work(): Promise<void> {
    for (let config = queue.shift(); config !== undefined; config = queue.shift()) {
      const { ok, output } = await tool('tsc', ['-p', config, '--pretty', 'false']);
      // TS18003 and TS6053 say that a package has no sources yet.
      const empty = /error TS(18003|6053)/.test(output);
      outcomes.push({
        ok: ok || empty,
        output: `${config}: ${empty ? 'no sources yet' : ok ? 'ok' : `\n${output}`}\n`,
      });
    }
  }
  await Promise.all([work(), work()]);
  return { ok: outcomes.every(({ ok }) => ok), output: outcomes.map(({ output }) => output).join('') };
}

const parts: Readonly<Record<string, () => Promise<Outcome>>> = {
  lint: () => tool('biome', ['ci', '--error-on-warnings', '--colors=off', '.']),
  rooms: () => tool('tsx', ['scripts/rooms.ts']),
  english: () => tool('tsx', ['scripts/english.ts']),
  'real-time': () => tool('tsx', ['scripts/real-time.ts']),
  knip: () => tool('knip', ['--no-progress']),
  types,
};

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(parts)) {
  const part = parts[name];
  if (!part) throw new Error(`There is no check '${name}'. There are: ${Object.keys(parts).join(', ')}`);
  const { ok, output } = await part();
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name}${output.trim() === '' ? '' : `\n${output.trimEnd()}`}`);
  if (!ok) process.exitCode = 1;
}
