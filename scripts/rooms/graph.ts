// Which file imports which, and what follows from it: circles and floors. Type imports count.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import ts from 'typescript';

/** Files of one package, by path relative to its `src`, with their text. */
export type Sources = ReadonlyMap<string, string>;

/** For each node, the nodes that it imports. */
export type Graph = ReadonlyMap<string, readonly string[]>;

interface Import {
  readonly specifier: string;
  readonly line: number;
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

/** Tests and what only they use: their imports do not shape the product. */
export const isTest = (file: string): boolean => /\.(test|fixture)\.ts$|(^|\/)fixtures\//.test(file);

/** Everything that a file imports, dynamic imports included. */
export function importsOf(text: string): Import[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    line: text.slice(0, pos).split('\n').length,
  }));
}

/** The files of the package itself that each file imports. */
export function fileGraph(sources: Sources): Graph {
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

/** The same graph with several nodes drawn as one; a node that has no group is left out. */
export function grouped(graph: Graph, groupOf: (node: string) => string | undefined): Graph {
  const groups = new Map<string, Set<string>>();
  for (const [node, targets] of graph) {
    const group = groupOf(node);
    if (group === undefined) continue;
    const arrows = groups.get(group) ?? new Set<string>();
    groups.set(group, arrows);
    for (const target of targets) {
      const other = groupOf(target);
      if (other !== undefined && other !== group) arrows.add(other);
    }
  }
  return new Map([...groups].map(([group, arrows]) => [group, [...arrows]]));
}

/** Every circle of imports once, each written as the list of nodes that it runs through. */
export function circles(graph: Graph): string[][] {
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

/** How many nodes the longest chain of imports has. The graph must have no circle. */
export function floors(graph: Graph): number {
  const heights = new Map<string, number>();
  function heightOf(node: string): number {
    const known = heights.get(node);
    if (known !== undefined) return known;
    const height = 1 + Math.max(0, ...(graph.get(node) ?? []).map(heightOf));
    heights.set(node, height);
    return height;
  }
  return Math.max(0, ...[...graph.keys()].map(heightOf));
}
