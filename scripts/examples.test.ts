import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { examples, firstSentence, nearest, shortened } from './examples.ts';
import { root } from './workspace.ts';

describe('the examples', () => {
  test('each says in one line what it is about', () => {
    for (const { name, about } of examples()) {
      expect([name, about.length > 10 && about.length < 100]).toEqual([name, true]);
    }
  });

  test('the line is the first sentence of the first comment', () => {
    expect(firstSentence('/** Reads a file. Then writes it. */\nimport 1;')).toBe('Reads a file');
    expect(firstSentence('// Reads a file,\n// line by line. As follows.\n')).toBe('Reads a file, line by line');
    expect(firstSentence('/**\n * One name\n * server. More.\n */')).toBe('One name server');
    expect(firstSentence('const none = 1;')).toBe('');
  });

  test('a long sentence is cut between two words', () => {
    expect(shortened('A short one')).toBe('A short one');
    expect(shortened('word '.repeat(40))).toMatch(/^(word )+…$/);
    expect(shortened(`${'a'.repeat(90)}, bcdefghijkl`)).toBe(`${'a'.repeat(90)} …`);
  });

  test('the nearest name is the one that was most likely meant', () => {
    const names = ['hello', 'nameservers', 'proxies', 'tls'];
    expect(nearest('helo', names)).toBe('hello');
    expect(nearest('proxy', names)).toBe('proxies');
    expect(nearest('TSL', names)).toBe('tls');
    expect(nearest('server', names)).toBe('nameservers');
  });
});

function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = ['--conditions=@coloop/source', '--import', 'tsx', 'scripts/example.ts', ...args];
  return spawnSync(process.execPath, program, { cwd: root, encoding: 'utf8' });
}

describe('the command', () => {
  test('lists the examples when it is given no name', () => {
    const { status, stdout } = command();
    expect(status).toBe(0);
    for (const { name, about } of examples())
      expect(stdout).toMatch(new RegExp(`^  ${name} +${about.slice(0, 5)}`, 'm'));
  });

  test('names the nearest example for a name that it does not know', () => {
    const { status, stdout, stderr } = command('producer-consumers');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain("There is no example 'producer-consumers'. Did you mean 'producer-consumer'?");
  });

  test('runs an example with its own arguments', () => {
    const { status, stderr } = command('threads', 'many');
    expect(status).toBe(2);
    expect(stderr).toContain("'many' is not a number of waits: give whole numbers from 1 to 99999");
  });
});
