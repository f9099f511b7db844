// The code blocks of the docs: found in Markdown and in docstrings, compiled all at once, run, and held to what they say they print.
//
// A block is what stands between ```ts and ```. After `ts` may stand `no-run`: compiled, but not run. A line of output is
// written where it is printed, as a comment `//> like this`; a block without such comments only has to end well. What a
// block needs and a reader does not is written above it in Markdown, as a comment `<!-- setup` … `-->`. A block without
// imports is completed as fragments.ts says.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import ts from 'typescript';
import { frameOf, publicWords, type Words } from './fragments.ts';
import { root } from './workspace.ts';

export interface Snippet {
  /** The file that holds the block, relative to the repository. */
  readonly file: string;
  /** The line of the block's first line of code. */
  readonly line: number;
  readonly code: string;
  /** Code that goes before the block. */
  readonly setup: string;
  readonly run: boolean;
  /** What the block says it prints, undefined when it says nothing. */
  readonly output: string | undefined;
}

const fence = /^(\s*)```ts(?:[ \t]+(.*))?$/;

function outputOf(code: string): string | undefined {
  const lines = [...code.matchAll(/\/\/> ?(.*)$/gm)].map(([, text]) => text ?? '');
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** The blocks in lines of Markdown; `offset` is the number of lines of the file before them. */
function blocksOf(file: string, lines: readonly string[], offset: number): Snippet[] {
  const found: Snippet[] = [];
  let setup: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const text = lines[index] ?? '';
    if (text.trim() === '<!-- setup') {
      const end = lines.findIndex((line, at) => at > index && line.trim() === '-->');
      if (end === -1) throw new Error(`${file}:${offset + index + 1}: this setup has no end: close it with a line -->`);
      setup = lines.slice(index + 1, end);
      index = end;
      continue;
    }
    const open = fence.exec(text);
    if (!open) continue;
    const [, indent = '', words = ''] = open;
    const flags = words.split(/\s+/).filter(Boolean);
    const unknown = flags.find((flag) => flag !== 'no-run');
    if (unknown) throw new Error(`${file}:${offset + index + 1}: a block may be marked no-run, not '${unknown}'`);
    const end = lines.findIndex((line, at) => at > index && line.trim() === '```');
    if (end === -1) throw new Error(`${file}:${offset + index + 1}: this block has no end: close it with \`\`\``);
    const code = lines
      .slice(index + 1, end)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
      .join('\n');
    found.push({
      file,
      line: offset + index + 2,
      code,
      setup: setup.join('\n'),
      run: !flags.includes('no-run'),
      output: outputOf(code),
    });
    setup = [];
    index = end;
  }
  return found;
}

/** The blocks of a Markdown file. */
export function snippetsOfMarkdown(file: string, text: string): Snippet[] {
  return blocksOf(file, text.split('\n'), 0);
}

/** The blocks in the docstrings of a source file. */
export function snippetsOfSource(file: string, text: string): Snippet[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((match) => {
    const offset = text.slice(0, match.index).split('\n').length - 1;
    // ` * ` belongs to the comment, and `*\/` is how a comment writes the end of a comment.
    const lines = match[0].split('\n').map((line) => line.replace(/^\s*\* ?/, '').replaceAll('*\\/', '*/'));
    return blocksOf(file, lines, offset);
  });
}

function filesBelow(folder: string, wanted: (path: string) => boolean): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/node_modules|[\\/]reference[\\/]/.test(path) && wanted(path))
    .sort();
}

/** Every block of the repository that a user may read. */
export function allSnippets(): Snippet[] {
  const read = (path: string): [string, string] => [
    relative(root, path).replaceAll('\\', '/'),
    readFileSync(path, 'utf8'),
  ];
  const packages = ['core', 'http', 'jobs', 'cli', 'examples'].map((name) => join(root, 'packages', name));
  // A package that is only begun, without its front door, has no words to show yet.
  const open = packages.filter((path) => path.endsWith('examples') || existsSync(join(path, 'src/index.ts')));
  const pages = [
    ...['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md'].map((name) => join(root, name)),
    ...packages.map((path) => join(path, 'README.md')),
    ...filesBelow(join(root, 'docs'), (path) => path.endsWith('.md')),
  ].filter((path) => existsSync(path));
  const sources = open.flatMap((path) =>
    filesBelow(join(path, 'src'), (file) => file.endsWith('.ts') && !file.endsWith('.test.ts')),
  );
  return [
    ...pages.flatMap((path) => snippetsOfMarkdown(...read(path))),
    ...sources.flatMap((path) => snippetsOfSource(...read(path))),
  ];
}

// Blocks are compiled as if they were files of the examples, which have both packages among their dependencies.
const home = join(root, 'packages/examples/snippets');

/** Where a block stands, as messages name it. */
export const placeOf = ({ file, line }: Snippet): string => `${file}:${line}`;

interface Module {
  readonly text: string;
  /** The number of lines before the block's own first line. */
  readonly before: number;
}

function moduleOf(snippet: Snippet, words: Words): Module {
  const { before, after } = frameOf(snippet, words);
  const first = [...before, ...(snippet.setup === '' ? [] : snippet.setup.split('\n'))];
  return { text: [...first, snippet.code, ...after, 'export {};', ''].join('\n'), before: first.length };
}

/** Compiles all blocks in one program; each problem is one line that starts with the file and line of the docs. */
export function compile(snippets: readonly Snippet[]): string[] {
  const configPath = join(root, 'packages/examples/tsconfig.json');
  const { config } = ts.readConfigFile(configPath, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'packages/examples'));
  const words = publicWords();
  const byName = new Map(
    snippets.map((snippet, index) => [join(home, `${index}.ts`), { snippet, module: moduleOf(snippet, words) }]),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => byName.has(name) || fileExists.call(host, name);
  host.getSourceFile = (name, target, ...rest) => {
    const found = byName.get(name);
    return found
      ? ts.createSourceFile(name, found.module.text, target)
      : getSourceFile.call(host, name, target, ...rest);
  };
  const program = ts.createProgram([...byName.keys()], options, host);
  const problems: string[] = [];
  for (const [name, { snippet, module }] of byName) {
    const file = program.getSourceFile(name);
    for (const problem of [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]) {
      const line = file ? file.getLineAndCharacterOfPosition(problem.start ?? 0).line : 0;
      const text = ts.flattenDiagnosticMessageText(problem.messageText, '\n');
      problems.push(`${snippet.file}:${snippet.line + line - module.before}: ${text} (TS${problem.code})`);
    }
  }
  return problems;
}

export interface Run {
  /** What the block printed, its last line break removed. */
  readonly printed: string;
  /** What went wrong, undefined when it ended well. */
  readonly failure: string | undefined;
}

/** The blocks of one batch, ready to be run. */
export interface Batch {
  /** Runs one block in a thread of its own and waits until nothing is left running in it. */
  run(snippet: Snippet): Promise<Run>;
  remove(): void;
}

/** A block that has not ended after this many milliseconds never will; only a broken one gets there. */
const patience = 20_000;

/** Bundles all blocks that are to be run in one go, with the sources of both packages. */
export async function bundle(snippets: readonly Snippet[]): Promise<Batch> {
  // Below node_modules of the examples, so that what the bundle leaves out (undici, say) is found from there.
  const cache = join(root, 'packages/examples/node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const words = publicWords();
  const out = mkdtempSync(join(cache, 'snippets-'));
  await build({
    entryPoints: snippets.map((snippet, index) => ({ in: `snippet:${placeOf(snippet)}`, out: String(index) })),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@coloop/source'],
    sourcemap: 'inline',
    logLevel: 'silent',
    // What is CommonJS inside a dependency asks for `require`, which a module does not have.
    banner: {
      js: "import { createRequire as snippetRequire } from 'node:module'; const require = snippetRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'snippets',
        setup(esbuild) {
          esbuild.onResolve({ filter: /^snippet:/ }, ({ path }) => ({ path, namespace: 'snippet' }));
          esbuild.onLoad({ filter: /.*/, namespace: 'snippet' }, ({ path }) => {
            const snippet = snippets.find((one) => `snippet:${placeOf(one)}` === path);
            return snippet
              ? { contents: moduleOf(snippet, words).text, loader: 'ts', resolveDir: join(root, 'packages/examples') }
              : null;
          });
        },
      },
    ],
  });
  return {
    run: (snippet) => runFile(join(out, `${snippets.indexOf(snippet)}.mjs`)),
    remove: () => rmSync(out, { recursive: true, force: true }),
  };
}

function runFile(file: string): Promise<Run> {
  return new Promise((resolve) => {
    const worker = new Worker(file, { stdout: true, stderr: true, execArgv: ['--enable-source-maps'] });
    let printed = '';
    let complaints = '';
    let failure: string | undefined;
    worker.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    worker.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    const guard = setTimeout(() => {
      failure = `it still ran after ${patience / 1000} s`;
      void worker.terminate();
    }, patience);
    worker.on('error', (error) => {
      failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    worker.on('exit', (code) => {
      clearTimeout(guard);
      if (failure === undefined && code !== 0) failure = `it ended with exit code ${code}\n${complaints}`;
      resolve({ printed: printed.replace(/\n$/, ''), failure });
    });
  });
}
