// The rules of the house: everything in which the sources of a package break its plan, one sentence each.
import { posix } from 'node:path';
import { circles, fileGraph, type Graph, grouped, importsOf, isTest, type Sources } from './graph.ts';
import { hostUses } from './host-uses.ts';
import type { Plan } from './plan.ts';

const MOST_FILES_AT_THE_TOP = 12;

/** The room in which a file lies: the file itself where the plan lists it, else its folder; undefined for doors and tests. */
function roomOf(file: string, { doors, rooms }: Plan): string | undefined {
  if (doors.includes(file) || isTest(file)) return undefined;
  return rooms.has(file) ? file : posix.dirname(file);
}

/** Which room imports which: the drawing that the plan has to match. */
export function roomGraph(sources: Sources, plan: Plan): Graph {
  return grouped(fileGraph(sources), (file) => roomOf(file, plan));
}

/** The product's files that lie in no folder. */
export function filesAtTheTop(sources: Sources): string[] {
  return [...sources.keys()].filter((file) => !isTest(file) && !file.includes('/'));
}

/** Mistakes in the plan itself: a room that is gone, an arrow that does not point to a room listed earlier. */
function planProblems(sources: Sources, { rooms, doors }: Plan): string[] {
  const problems: string[] = [];
  const homes = new Set([...sources.keys()].flatMap((file) => [file, posix.dirname(file)]));
  const above = new Set<string>();
  for (const [room, arrows] of rooms) {
    if (!homes.has(room)) problems.push(`the plan lists '${room}', which does not exist`);
    for (const target of arrows) {
      if (!above.has(target)) {
        problems.push(`the plan lets '${room}' import '${target}', which is not listed above it`);
      }
    }
    above.add(room);
  }
  for (const door of doors)
    if (!sources.has(door)) problems.push(`the plan lists the door ${door}, which does not exist`);
  return problems;
}

/** Whether one of the arrows leads to a room; an arrow to a folder counts for a single file of it that is listed, too. */
const leadsTo = (arrows: readonly string[], target: string): boolean =>
  arrows.includes(target) || (target.endsWith('.ts') && arrows.includes(posix.dirname(target)));

/** The arrows of the plan that no import uses any more. */
function unusedArrows(sources: Sources, plan: Plan): string[] {
  const graph = roomGraph(sources, plan);
  return [...plan.rooms].flatMap(([room, arrows]) =>
    arrows
      .filter((arrow) => !graph.get(room)?.some((target) => leadsTo([arrow], target)))
      .map((arrow) => `the plan lets '${room}' import '${arrow}', but no file does: take the arrow out`),
  );
}

/** Files in no room, and imports for which there is no arrow. */
function arrowProblems(sources: Sources, plan: Plan): string[] {
  const problems: string[] = [];
  for (const [file, targets] of fileGraph(sources)) {
    const room = roomOf(file, plan);
    if (room === undefined) continue;
    const arrows = plan.rooms.get(room);
    if (!arrows) {
      problems.push(`${file} lies in '${room}', which the plan does not list`);
      continue;
    }
    for (const target of targets) {
      const targetRoom = roomOf(target, plan);
      if (targetRoom === undefined || leadsTo([room, ...arrows], targetRoom)) continue;
      problems.push(`${file} imports ${target}: '${room}' may import only ${arrows.join(', ') || 'nothing'}`);
    }
  }
  return problems;
}

/** Source files that import a door, a test or a fixture, and doors whose words cannot be read in them. */
function doorProblems(sources: Sources, { doors }: Plan): string[] {
  const problems: string[] = [];
  for (const [file, targets] of fileGraph(sources)) {
    if (isTest(file)) continue;
    for (const target of targets) {
      if (doors.includes(target)) {
        problems.push(`${file} imports the door ${target}: import the file of the word itself`);
      } else if (isTest(target)) {
        problems.push(`${file} imports ${target}: what only tests use is not shipped`);
      }
    }
  }
  for (const door of doors) {
    if (/^export \* from/m.test(sources.get(door) ?? '')) {
      problems.push(`${door} exports with a star: a door names what it exports`);
    }
  }
  return problems;
}

/** Modules of other packages, imported by a room that may not need them. */
function foreignProblems(file: string, text: string, { foreign }: Plan): string[] {
  return importsOf(text)
    .filter(({ specifier }) => !specifier.startsWith('.'))
    .flatMap(({ specifier, line }) =>
      foreign
        .filter(({ module, from }) => module.test(specifier) && !from.test(file))
        .map(({ why }) => `${file}:${line} imports '${specifier}': ${why}`),
    );
}

/** Everything in which the sources break the plan. */
export function violations(sources: Sources, plan: Plan): string[] {
  const problems = [...planProblems(sources, plan)];
  for (const circle of circles(fileGraph(sources))) problems.push(`circle of imports: ${circle.join(' -> ')}`);
  for (const circle of circles(roomGraph(sources, plan))) problems.push(`circle of rooms: ${circle.join(' -> ')}`);
  problems.push(...arrowProblems(sources, plan), ...unusedArrows(sources, plan), ...doorProblems(sources, plan));
  const top = filesAtTheTop(sources);
  if (top.length > MOST_FILES_AT_THE_TOP) {
    problems.push(`${top.length} files lie at the top, more than ${MOST_FILES_AT_THE_TOP}: give them a room`);
  }
  for (const [file, text] of sources) {
    if (isTest(file)) continue;
    problems.push(...foreignProblems(file, text, plan));
    if (!plan.host.test(file)) problems.push(...hostUses(file, text));
  }
  return problems;
}
