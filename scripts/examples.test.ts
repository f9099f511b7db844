import { describe, expect, test } from 'vitest';
import { examples, firstSentence, nearest } from './examples.ts';

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

  test('the nearest name is the one that was most likely meant', () => {
    const names = ['hello', 'nameservers', 'proxies', 'tls'];
    expect(nearest('helo', names)).toBe('hello');
    expect(nearest('proxy', names)).toBe('proxies');
    expect(nearest('TSL', names)).toBe('tls');
    expect(nearest('server', names)).toBe('nameservers');
  });
});
