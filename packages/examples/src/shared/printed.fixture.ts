import { vi } from 'vitest';

/** The lines that `work` prints, with those on the error side too. */
export async function printed(work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const keep = (...parts: unknown[]): void => {
    lines.push(...parts.join(' ').split('\n'));
  };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(keep),
    vi.spyOn(console, 'error').mockImplementation(keep),
  ];
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines;
}
