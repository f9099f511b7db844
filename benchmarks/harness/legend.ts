import { label, sign, WIDTH } from './svg.ts';

const LEFT = 22;
const LINE = 20;
/** How wide a letter is, about. */
const LETTER = 7;

/** The systems with their signs, on as many lines as they need; `height` is what they take. */
export function legend(systems: readonly string[], y: number): { height: number; parts: string[] } {
  let x = LEFT;
  let line = 0;
  const parts: string[] = [];
  for (const system of systems) {
    const width = 34 + system.length * LETTER;
    if (x + width > WIDTH) {
      x = LEFT;
      line++;
    }
    parts.push(sign(system, x, y + line * LINE - 4), label(x + 11, y + line * LINE, system));
    x += width;
  }
  return { height: (line + 1) * LINE, parts };
}
