import { describe, expect, test } from 'vitest';
import { findNetrc, parseNetrc } from './netrc-file.ts';

const FILE = `
# comments stand where a keyword may stand
machine example.com login daniel password qwerty
machine Other.Example
	login "space in name"
	password "quo\\"te\\\\ and #hash"
	account ignored
macdef init
machine trap.example login no password no

machine [::1] login six password #6   # trailing
default login anonymous password user@site
`;

describe('parseNetrc', () => {
  test('reads machines, quotes, comments, macros and the default', () => {
    expect(parseNetrc(FILE)).toEqual([
      { machine: 'example.com', login: 'daniel', password: 'qwerty' },
      { machine: 'other.example', login: 'space in name', password: 'quo"te\\ and #hash' },
      { machine: '::1', login: 'six', password: '#6' },
      { machine: undefined, login: 'anonymous', password: 'user@site' },
    ]);
  });

  test('ends a macro at an empty line with any line ends, or at the end of the file', () => {
    expect(parseNetrc('macdef x\r\nmachine a login b password c\r\n\r\nmachine d login e password f')).toHaveLength(1);
    expect(parseNetrc('machine a login b password c\nmacdef x\nbye')).toHaveLength(1);
  });

  test('names file and line of a mistake, never the words that stand there', () => {
    expect(() => parseNetrc('machine a\nlogin b passwrd hunter2', '/home/me/.netrc')).toThrow(
      /\/home\/me\/\.netrc has a word that is not a keyword .* line 2/,
    );
    expect(() => parseNetrc('machine a login b passwrd hunter2')).not.toThrow(/hunter2/);
    expect(() => parseNetrc('machine a login')).toThrow(/value is missing/);
    expect(() => parseNetrc('machine a login "b')).toThrow(/never closed/);
    expect(() => parseNetrc('login b')).toThrow(/before any "machine"/);
  });
});

describe('findNetrc', () => {
  const entries = parseNetrc(FILE);

  test('takes the first entry of the host, in any case, else the default', () => {
    expect(findNetrc(entries, 'EXAMPLE.com')?.login).toBe('daniel');
    expect(findNetrc(entries, 'example.com.')?.login).toBe('daniel');
    expect(findNetrc(entries, '[::1]')?.login).toBe('six');
    expect(findNetrc(entries, 'sub.example.com')?.login).toBe('anonymous');
    expect(findNetrc(parseNetrc('machine a login b'), 'trap.example')).toBeUndefined();
  });
});
