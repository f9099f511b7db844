import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { examples, firstSentence, shortened, suggestion } from './examples.ts';
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

  test.each([
    ['helo', " Did you mean 'hello'?"],
    ['proxy', " Did you mean 'proxies'?"],
    ['TSL', " Did you mean 'tls'?"],
    ['server', " Did you mean 'nameservers'?"],
    ['updat', " Did you mean 'lost-update'?"],
    ['dns', " Did you mean 'nameservers'?"],
    ['race', ''],
    ['quantum', ''],
  ])('a name that none has: %s', (typed, question) => {
    const all = ['deadlock', 'graceful-end', 'hello', 'lost-update', 'nameservers', 'proxies', 'tls'];
    const about = (name: string): string => (name === 'nameservers' ? 'a name that only one DNS server knows' : '');
    expect(
      suggestion(
        typed,
        all.map((name) => ({ name, about: about(name) })),
      ),
    ).toBe(question);
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

  test('helps when it is asked for help, with all examples or with one', () => {
    const all = command('--help');
    expect([all.status, all.stderr]).toEqual([0, '']);
    for (const { name } of examples()) expect(all.stdout).toContain(`  ${name} `);
    const one = command('hello', '--help');
    expect([one.status, one.stderr]).toEqual([0, '']);
    expect(one.stdout).toMatch(/hello\.ts$/m);
    expect(one.stdout).not.toContain('nameservers');
  });

  test('runs an example with its own arguments', () => {
    const { status, stderr } = command('threads', 'many');
    expect(status).toBe(2);
    expect(stderr).toContain("'many' is not a number of waits: give whole numbers from 1 to 99999");
  });
});
