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

  test('names file and line of a mistake, never the words that stand there, to those who need the entry', () => {
    const of = (text: string, host = 'a'): unknown => findNetrc(parseNetrc(text, '/home/me/.netrc'), host);
    expect(() => of('machine a\nlogin b passwrd hunter2')).toThrow(
      /\/home\/me\/\.netrc has a word that is not a keyword .* line 2/,
    );
    expect(() => of('machine a login b passwrd hunter2')).not.toThrow(/hunter2/);
    expect(() => of('machine a login')).toThrow(/value is missing, at line 1/);
    expect(() => of('machine b login\ndefault login', 'a')).toThrow(/line 2/);
    expect(() => of('machine a login "b')).toThrow(/never closed/);
    expect(of('login b\nmachine a login c password d')).toMatchObject({ login: 'c', password: 'd' });
  });

  const WHOLE = 'machine whole.test login me password pw';
  test.each([
    ['words of other programs', 'machine other.test login a password b method interactive'],
    ['a misspelt keyword', 'machine other.test login a passwrd b'],
    ['an unknown word alone', 'machine other.test nonsense'],
    ['a value that is missing', 'machine other.test login a password'],
    ['a name that is missing', 'machine'],
    ['nothing but a name', 'machine other.test'],
    ['a quote that is never closed', 'machine other.test login "a password b'],
    ['a quote that is never closed, at the end', 'machine other.test login a password "'],
    ['a macro', 'machine other.test login a password b\nmacdef init\nmachine whole.test login no password no\n'],
    ['a comment', '# machine whole.test login no password no'],
    ['an entry of a name that is no host', 'machine : login a password b'],
    ['bytes of any kind', '\0\u0001\ufffd machine'],
  ])('entries of other hosts do not matter: %s', (_, other) => {
    for (const text of [`${other}\n${WHOLE}`, `${WHOLE}\n${other}`, `${other}\r\n${WHOLE}\r\n${other}\r\n`]) {
      expect(findNetrc(parseNetrc(text), 'whole.test')).toMatchObject({ login: 'me', password: 'pw' });
    }
  });

  test('words of other programs do not matter to their own host', () => {
    const text = 'machine api.test\n  login a\n  password b\n  method interactive\n';
    expect(findNetrc(parseNetrc(text), 'api.test')).toMatchObject({ login: 'a', password: 'b' });
  });

  test.each(['münchen.test', 'MÜNCHEN.test.', 'xn--mnchen-3ya.test'])('a host may be written as %s', (name) => {
    const entries = parseNetrc(`machine ${name} login me password pw`);
    expect(findNetrc(entries, new URL('http://münchen.test/').hostname)?.login).toBe('me');
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
