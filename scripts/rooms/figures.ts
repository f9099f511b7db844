// The figures of the house: how large its rooms, files, functions and classes are, so that anyone can see them move.
import { posix } from 'node:path';
import ts from 'typescript';
import { circles, fileGraph, floors, isTest, type Sources } from './graph.ts';
import type { Plan } from './plan.ts';
import { filesAtTheTop, roomGraph } from './rules.ts';

interface Measured {
  readonly name: string;
  readonly size: number;
}

interface Sizes {
  readonly functions: Measured[];
  readonly classes: Measured[];
}

const linesOf = (text: string): number => text.split('\n').length - 1;

const largestFirst = (all: Measured[]): Measured[] => all.sort((a, b) => b.size - a.size);

const written = ({ name, size }: Measured): string => `${size} ${name}`;

/** Methods, accessors and fields, those that a constructor declares in its parameters included; one name counts once. */
function membersOf(node: ts.ClassLikeDeclaration): number {
  const names = new Set<string>();
  for (const member of node.members) {
    if (ts.isConstructorDeclaration(member)) {
      for (const parameter of member.parameters) {
        if (ts.isParameterPropertyDeclaration(parameter, member)) names.add(parameter.name.getText());
      }
    } else if (member.name) {
      names.add(member.name.getText());
    }
  }
  return names.size;
}

/** The name under which a reader finds a function. */
function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText();
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  return ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : 'a function';
}

function sizesIn(file: string, text: string): Sizes {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const lineAt = (position: number): number => tree.getLineAndCharacterOfPosition(position).line + 1;
  const sizes: Sizes = { functions: [], classes: [] };
  function visit(node: ts.Node): void {
    const start = lineAt(node.getStart(tree));
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      sizes.functions.push({ name: `${nameOf(node)} (${file}:${start})`, size: lineAt(node.end) - start + 1 });
    } else if (ts.isClassLike(node)) {
      sizes.classes.push({ name: `${node.name?.text ?? 'a class'} (${file}:${start})`, size: membersOf(node) });
    }
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return sizes;
}

/** The folders with how many files lie in each. */
function folders(files: readonly string[]): Measured[] {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(posix.dirname(file), (counts.get(posix.dirname(file)) ?? 0) + 1);
  return [...counts].map(([name, size]) => ({ name: name === '.' ? 'the top' : name, size }));
}

/** The figures of one package, one line each; tests and fixtures are not counted. */
export function figures(sources: Sources, plan: Plan): string[] {
  const product = [...sources].filter(([file]) => !isTest(file));
  const files = product.map(([file]) => file);
  const sizes = product.map(([file, text]) => sizesIn(file, text));
  const rooms = roomGraph(sources, plan);
  const arrows = [...rooms.values()].reduce((sum, targets) => sum + targets.length, 0);
  const round = circles(fileGraph(sources)).length + circles(rooms).length;
  const lines = product.map(([name, text]) => ({ name, size: linesOf(text) }));
  const most = (all: Measured[], count = 1): string => largestFirst(all).slice(0, count).map(written).join(', ');
  return [
    `files             ${files.length}, ${filesAtTheTop(sources).length} of them at the top; largest folders: ${most(folders(files), 3)}`,
    `rooms             ${rooms.size} on ${round === 0 ? floors(rooms) : 'endless'} floors, ${arrows} arrows, ${round} circles`,
    `lines             ${lines.reduce((sum, { size }) => sum + size, 0)}; largest file: ${most(lines)}`,
    `longest function  ${most(sizes.flatMap(({ functions }) => functions))}`,
    `most members      ${most(
      sizes.flatMap(({ classes }) => classes),
      3,
    )}`,
  ];
}
