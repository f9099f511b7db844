import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** A program that was started, with what it has written. */
class Program {
  out = '';
  readonly child;
  readonly ended: Promise<number | null>;

  constructor(file: string) {
    this.child = spawn(process.execPath, ['--conditions=@coloop/source', '--import', 'tsx', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child.stdout.on('data', (chunk) => {
      this.out += chunk;
    });
    this.ended = new Promise((done) => this.child.on('close', done));
  }

  /** What it wrote on `line`, as soon as that is there. */
  async line(line: number): Promise<string> {
    for (;;) {
      const lines = this.out.split('\n');
      if (lines.length > line + 1) return lines[line] ?? '';
      await new Promise((done) => this.child.stdout.once('data', done));
    }
  }
}

test('after SIGTERM the request that is under way is answered, no other is taken, and the exit code is 0', async () => {
  const program = new Program(fileURLToPath(new URL('./drain.ts', import.meta.url)));
  const url = `http://127.0.0.1:${await program.line(0)}`;
  const answer = fetch(url).then((response) => response.text());
  expect(await program.line(1)).toBe('asked');
  program.child.kill('SIGTERM');
  expect(await program.line(2)).toBe('draining');
  await expect(fetch(url)).rejects.toThrow();
  expect(await answer).toBe('answered');
  expect(await program.ended).toBe(0);
  expect(program.out).toMatch(/\ndraining\ndrained\n$/);
});
