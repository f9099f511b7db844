// Which room may import from which, checked by machine: the arrows of docs/architecture.md. Type imports count, tests do not.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import ts from 'typescript';

/** Files of one package, by path relative to its `src`, with their text. */
export type Sources = ReadonlyMap<string, string>;

/** What may be imported from where in one package. */
export interface Plan {
  /** The doors: they import everything and nothing imports them. */
  readonly doors: readonly string[];
  /** For a room, the rooms it may import from. A room that is not listed may import any room below the doors. */
  readonly arrows: Readonly<Record<string, readonly string[]>>;
  /** Rooms in layers, lowest first: a room imports only from layers below its own. What is not listed lies below them all. */
  readonly layers: readonly (readonly string[])[];
  /** For a foreign module, the rooms or files that may import it. */
  readonly foreign: readonly { readonly module: RegExp; readonly from: RegExp; readonly why: string }[];
  /** The files that may ask the host for time and chance. */
  readonly host: RegExp;
}

interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** Where a file lives: its first folder, or the file itself when it lies at the top. */
function roomOf(file: string): string {
  const slash = file.indexOf('/');
  return slash === -1 ? file : file.slice(0, slash);
}

function importsOf(text: string): Import[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    line: text.slice(0, pos).split('\n').length,
  }));
}

/** Tests and what only they use: their imports do not shape the product. */
const isTest = (file: string): boolean => /\.(test|fixture)\.ts$|(^|\/)fixtures\//.test(file);

/** The files of the package itself that each file imports. */
function graphOf(sources: Sources): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const [file, text] of sources) {
    const targets = importsOf(text)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => posix.join(posix.dirname(file), specifier));
    graph.set(
      file,
      [...new Set(targets)].filter((target) => sources.has(target)),
    );
  }
  return graph;
}

/** Every circle of imports once, each written as the list of nodes that it runs through. */
export function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  function walk(node: string): void {
    const at = trail.indexOf(node);
    if (at !== -1) {
      found.push([...trail.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    trail.push(node);
    for (const next of graph.get(node) ?? []) walk(next);
    trail.pop();
    done.add(node);
  }
  for (const node of graph.keys()) walk(node);
  return found;
}

/** Circles between rooms: a room is as hard to take out as the circle it is in. */
function roomCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const rooms = new Map<string, string[]>();
  for (const [file, targets] of graph) {
    if (isTest(file)) continue;
    const room = roomOf(file);
    const list = rooms.get(room) ?? [];
    rooms.set(room, list);
    for (const target of targets) {
      if (roomOf(target) !== room && !list.includes(roomOf(target))) list.push(roomOf(target));
    }
  }
  return circles(rooms);
}

const hostCalls = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const hostObjects = new Set(['performance', 'crypto']);

/** The places where a file asks the host for time or chance instead of its scheduler. */
export function hostUses(file: string, text: string): string[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const uses: string[] = [];
  const add = (node: ts.Node, what: string): void => {
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
    uses.push(`${file}:${line + 1} uses ${what}: time and chance come from the scheduler`);
  };
  function visit(node: ts.Node): void {
    if (ts.isCallExpression(node)) {
      const callee = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
      const owner = ts.isPropertyAccessExpression(node.expression)
        ? node.expression.expression.getText(tree)
        : 'globalThis';
      if (ts.isIdentifier(callee) && owner === 'globalThis' && hostCalls.has(callee.text)) add(node, callee.text);
    } else if (ts.isNewExpression(node) && node.expression.getText(tree) === 'Date' && !node.arguments?.length) {
      add(node, 'new Date()');
    } else if (ts.isPropertyAccessExpression(node)) {
      const access = node.getText(tree).replace(/^globalThis\./, '');
      if (access === 'Math.random' || access === 'Date.now') add(node, access);
      else if (hostObjects.has(access.split('.')[0] ?? '') && access.includes('.')) add(node, access);
    }
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return [...new Set(uses)];
}

/** Everything in which the sources break the plan, one sentence each. */
export function violations(sources: Sources, plan: Plan): string[] {
  const problems: string[] = [];
  const graph = graphOf(sources);
  for (const circle of circles(graph)) problems.push(`circle of imports: ${circle.join(' -> ')}`);
  for (const circle of roomCircles(graph)) problems.push(`circle of rooms: ${circle.join(' -> ')}`);
  for (const [file, text] of sources) {
    if (isTest(file)) continue;
    const room = roomOf(file);
    const isDoor = plan.doors.includes(file);
    const layer = plan.layers.findIndex((rooms) => rooms.includes(room));
    for (const target of graph.get(file) ?? []) {
      if (plan.doors.includes(target))
        problems.push(`${file} imports the door ${target}: import the file of the word itself`);
      const targetRoom = roomOf(target);
      if (isDoor || targetRoom === room) continue;
      const allowed = plan.arrows[room];
      if (allowed && !allowed.includes(targetRoom)) {
        problems.push(`${file} imports ${target}: '${room}' may import only ${allowed.join(', ') || 'nothing'}`);
      }
      const targetLayer = plan.layers.findIndex((rooms) => rooms.includes(targetRoom));
      if (targetLayer !== -1 && targetLayer >= layer) {
        problems.push(`${file} imports ${target}: '${targetRoom}' does not lie below '${room}'`);
      }
    }
    if (isDoor && /^export \* from/m.test(text))
      problems.push(`${file} exports with a star: a door names what it exports`);
    for (const { specifier, line } of importsOf(text)) {
      if (specifier.startsWith('.')) continue;
      for (const { module, from, why } of plan.foreign) {
        if (module.test(specifier) && !from.test(file)) problems.push(`${file}:${line} imports '${specifier}': ${why}`);
      }
    }
    if (!plan.host.test(file)) problems.push(...hostUses(file, text));
  }
  return problems;
}

/** Reads all TypeScript files below a folder. */
export function readSources(directory: string): Sources {
  const sources = new Map<string, string>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const path = join(entry.parentPath, entry.name);
    sources.set(relative(directory, path).replaceAll('\\', '/'), readFileSync(path, 'utf8'));
  }
  return sources;
}

const coreDoors = ['index.ts', 'lowlevel.ts', 'testing/index.ts', 'inspect/index.ts', 'node/index.ts', 'lint/index.ts'];

export const corePlan: Plan = {
  doors: coreDoors,
  arrows: {
    'errors.ts': [],
    kernel: ['errors.ts'],
    sync: ['kernel', 'errors.ts'],
    channels: ['sync', 'kernel', 'errors.ts'],
    testing: ['inspect', 'kernel', 'errors.ts'],
    inspect: ['kernel', 'errors.ts'],
  },
  layers: [],
  foreign: [
    { module: /^node:/, from: /^node\//, why: "only the room 'node' may need Node" },
    { module: /^(?!node:|typed-emitter$)/, from: /^$/, why: 'the core has no dependencies' },
  ],
  host: /^(kernel\/clock\/.*|node\/.*)$/,
};

export const httpPlan: Plan = {
  doors: ['index.ts', 'browser.ts', 'testing/index.ts'],
  arrows: {},
  layers: [],
  foreign: [
    { module: /^undici/, from: /^http1\//, why: "only the room 'http1' may call undici" },
    {
      module: /^@coloop\/core\/(?!lowlevel$)/,
      from: /^testing\//,
      why: "the client uses the core's front door and lowlevel",
    },
  ],
  host: /^testing\//,
};

/** The plan of each published package, by its folder under `packages`. */
export const plans: Readonly<Record<string, Plan>> = { core: corePlan, http: httpPlan };

if (process.argv[1] === import.meta.filename) {
  let count = 0;
  const packages = join(dirname(import.meta.dirname), 'packages');
  for (const [name, plan] of Object.entries(plans)) {
    for (const problem of violations(readSources(join(packages, name, 'src')), plan)) {
      console.error(`${name}: ${problem}`);
      count += 1;
    }
  }
  console.log(count === 0 ? 'every import follows the arrows' : `${count} imports or calls are in the wrong room`);
  process.exitCode = count === 0 ? 0 : 1;
}
