/*
 * What a server says costs no more than linear work. Every header that the client reads is filled with as much of each
 * separator as the limits let through, in two sizes: four times as much may take four times as long, and not sixteen times.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type Operation, run } from '@coloop/core';
import { serveRaw } from '@coloop/test-servers/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DigestAuth } from '../auth/digest.ts';
import { findNetrc, parseNetrc } from '../auth/netrc-file.ts';
import { cache } from '../cache/cache.ts';
import { environmentProxy } from '../connect/environment.ts';
import { readHead } from '../connect/head.ts';
import { CookieJar } from '../cookies/jar.ts';
import { decoderOf } from '../decode/encodings.ts';
import { LineSplitter } from '../decode/line-splitter.ts';
import { RequestHeaders } from '../headers.ts';
import { Session } from '../node/session.ts';
import { Redactor } from '../recording/secrets.ts';
import { EventStreamParser } from '../sse/parser.ts';

const SMALL = 15_000;
const LARGE = 60_000;
/** Below this many milliseconds no ratio says anything. */
const FLOOR = 5;

/** Says whether work grows with its size alone: how long it takes for each of the two, at best. */
function grows({ small, large }: { small: number; large: number }): boolean {
  return large <= 10 * Math.max(small, FLOOR);
}

const PARTS = [
  ...' \t,;=:/.-+*&?#@%!~|()[]{}<>\'"\\0a\u00ff',
  ', ',
  '; ',
  ',,a ',
  ';a=',
  ';a="',
  '; a="b"',
  ', a=b',
  'a a="',
  ' =',
  '\\"',
  '//',
  'Basic ',
  'W/"a",',
  'a=b; ',
  '%41',
  '1.',
];

/** What a run of it may stand between: a pattern that looks for the end of a text tries at each of its characters. */
const BETWEEN = [' ', '\t', ',', ';', '"', '\\'].map((part) => `a${part}b`);

/** A text of a size, made of one part; one of three characters that begins with `a` and ends with `b` has a run between the two. */
function filled(part: string, size: number): string {
  if (BETWEEN.includes(part)) return `a${filled(part.slice(1, -1), size - 2)}b`;
  return part.repeat(Math.ceil(size / part.length)).slice(0, size);
}

/** How a response with one header is read, so that all of the client that reads this header does so. */
interface Reading {
  readonly status: string;
  /** What a value begins and ends with, so that it gets as far as it can. */
  readonly around: readonly (readonly [before: string, after: string])[];
  read(session: Session, url: string, file: string): Operation<unknown>;
}

function* text(session: Session, url: string): Operation<unknown> {
  return yield* (yield* session.get(url)).text();
}

function* json(session: Session, url: string): Operation<unknown> {
  return yield* (yield* session.get(url)).json();
}

function* download(session: Session, url: string, file: string): Operation<unknown> {
  return yield* session.download(url, file, { attempts: 1 });
}

const plain: Reading = { status: '200 OK', around: [['', '']], read: text };

/** With a cache between: whether the response may be kept is decided by what its headers say. */
const cached: Reading = {
  ...plain,
  around: [
    ['', ''],
    ['max-age=', ''],
    ['max-age=9, private="', '"'],
  ],
  *read(session, url) {
    return yield* (yield* session.get(url, { auth: null, middleware: [cache()] })).text();
  },
};

/** The headers of responses that the client reads. */
const READ: Readonly<Record<string, readonly Reading[]>> = {
  'content-type': [
    {
      ...plain,
      around: [
        ['text/plain;', 'charset=utf-8'],
        ['text/', ''],
        ['text/plain;charset="', ''],
        ['text/plain;charset="', '"'],
      ],
    },
    {
      ...plain,
      read: json,
      around: [
        ['application/', '+json'],
        ['', ''],
      ],
    },
    {
      ...plain,
      around: [['text/event-stream', '']],
      *read(session, url) {
        return yield* session.events(url, { reconnect: false }).next();
      },
    },
  ],
  'content-encoding': [
    {
      ...plain,
      around: [
        ['', ''],
        ['gzip', ''],
      ],
    },
  ],
  'content-length': [plain],
  'transfer-encoding': [plain, { ...plain, around: [['', 'chunked']] }],
  'set-cookie': [
    {
      ...plain,
      around: [
        ['', ''],
        ['a=b;', ''],
        ['a=b; Domain=', ''],
        ['a=b; Expires=', ''],
        ['a=', ''],
      ],
    },
  ],
  location: [
    {
      ...plain,
      status: '302 Found',
      around: [
        ['', ''],
        ['http://', ''],
        ['http://u:p@', ''],
      ],
    },
  ],
  'retry-after': [
    {
      ...plain,
      status: '503 Busy',
      around: [
        ['', ''],
        ['1', '1'],
        ['Fri, ', ' GMT'],
      ],
    },
  ],
  'www-authenticate': [
    {
      ...plain,
      status: '401 Unauthorized',
      around: [
        ['', ''],
        ['Digest ', ''],
        ['Digest realm="', '"'],
        ['Digest realm="a", nonce="b", qop="', '"'],
        ['Basic realm="a", ', ''],
      ],
    },
  ],
  'authentication-info': [
    {
      ...plain,
      around: [
        ['', ''],
        ['nextnonce="', '"'],
      ],
    },
  ],
  etag: [
    {
      ...plain,
      read: download,
      around: [
        ['', ''],
        ['"', '"'],
        ['W/"', '"'],
      ],
    },
  ],
  'last-modified': [{ ...plain, read: download }],
  'accept-ranges': [{ ...plain, read: download }],
  'content-range': [
    {
      ...plain,
      status: '206 Partial',
      read: download,
      around: [
        ['', ''],
        ['bytes ', ''],
        ['bytes 0-1/', ''],
      ],
    },
    { ...plain, status: '416 Range', read: download, around: [['bytes */', '']] },
  ],
  link: [plain],
  'cache-control': [cached],
  vary: [cached],
  expires: [cached],
  age: [cached],
  date: [cached],
};

/** Names that the sources look up in the headers of a request, or in something else than headers. */
const ELSEWHERE = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'content-disposition',
  'cookie',
  'host',
  'range',
  'charset',
]);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'linear-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a header of 60 KiB costs linear work', () => {
  test.each(Object.entries(READ))('%s', { timeout: 60_000 }, async (name, readings) => {
    let response = '';
    const server = await serveRaw((socket) => socket.on('data', () => socket.write(response, 'latin1')));
    await run(function* () {
      for (const reading of readings) {
        const session = yield* Session.open({
          auth: new DigestAuth('user', 'password'),
          retry: { attempts: 2, delay: 0, maxDelay: 0 },
          timeout: 5_000,
        });
        const measured = function* (part: string, before: string, after: string, size: number): Operation<number> {
          const value = `${before}${filled(part, size)}${after}`;
          const length = name === 'content-length' ? '' : 'Content-Length: 2\r\n';
          response = `HTTP/1.1 ${reading.status}\r\n${length}${name}: ${value}\r\n\r\nok`;
          const begun = process.cpuUsage();
          yield* attempt(reading.read(session, server.url, join(folder, 'file')));
          const { user, system } = process.cpuUsage(begun);
          return (user + system) / 1_000;
        };
        for (const [before, after] of reading.around) {
          for (const part of [...PARTS, ...BETWEEN]) {
            let small = Number.POSITIVE_INFINITY;
            let large = Number.POSITIVE_INFINITY;
            for (let turn = 0; turn < 3 && (turn === 0 || !grows({ small, large })); turn++) {
              small = Math.min(small, yield* measured(part, before, after, SMALL));
              large = Math.min(large, yield* measured(part, before, after, LARGE));
            }
            expect({ part, before, small, large, linear: grows({ small, large }) }).toMatchObject({ linear: true });
          }
        }
        yield* session.close();
      }
    });
  });

  test('and there is no other that the client reads', () => {
    const source = new URL('..', import.meta.url).pathname;
    const names = new Set<string>();
    for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts') || /\.(?:test|fixture)\.ts$|^(?:fixtures|testing|attacks|web)\//.test(path)) continue;
      for (const [, name = ''] of readFileSync(join(source, path), 'utf8').matchAll(
        /(?:[hH]eaders|lines|info)\??\.(?:get|getAll|has)\('([a-z][a-z\d-]*)'\)/g,
      )) {
        names.add(name);
      }
    }
    expect([...names].filter((name) => !(name in READ) && !ELSEWHERE.has(name))).toEqual([]);
    expect(names).toContain('www-authenticate');
  });
});

/** How long some work takes for two sizes, at best. */
function cost(work: (size: number) => void): { small: number; large: number } {
  const best = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < 3 && (turn === 0 || !grows(best)); turn++) {
    for (const [key, size] of [
      ['small', SMALL],
      ['large', LARGE],
    ] as const) {
      const begun = process.cpuUsage();
      work(size);
      const { user, system } = process.cpuUsage(begun);
      best[key] = Math.min(best[key], (user + system) / 1_000);
    }
  }
  return best;
}

describe('everything else that others write costs linear work', () => {
  const works: readonly [name: string, work: (text: string) => void][] = [
    [
      'a netrc file',
      (written) => {
        for (const before of ['', 'machine a login ', 'machine a password "', 'macdef x\n', '#']) {
          try {
            findNetrc(parseNetrc(before + written), 'host.example');
          } catch {
            // What it is refused for does not matter here.
          }
        }
      },
    ],
    [
      'NO_PROXY',
      (written) => {
        const environment = { http_proxy: 'http://proxy:1', no_proxy: written };
        environmentProxy(new URL('http://some.host.example/'), environment);
        environmentProxy(new URL('http://127.0.0.1/'), environment);
      },
    ],
    [
      'an event stream',
      (written) => {
        for (const before of ['', 'data:', 'id:', 'retry:', ':']) {
          const parser = new EventStreamParser(1e9);
          parser.push(before + written);
          for (const character of written.slice(0, written.length / 4)) parser.push(character);
          parser.push('\n\n');
        }
      },
    ],
    [
      "the head of a proxy's response",
      (written) => {
        for (const line of [`X: ${written}`, written, `X${written}: 1`]) {
          try {
            readHead(Buffer.from(`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`, 'latin1'));
          } catch {
            // What it is refused for does not matter here.
          }
        }
      },
    ],
    [
      'the label of an encoding and the value of a header',
      (written) => {
        decoderOf(written);
        try {
          RequestHeaders.from([['x', written]]);
        } catch {
          // What it is refused for does not matter here.
        }
      },
    ],
    [
      'a URL in a recording',
      (written) => {
        const redactor = new Redactor(true, []);
        for (const before of ['', 'http://', '/?token=', '/?next=%2F%2F', '%']) redactor.url(before + written);
        redactor.headers([
          ['Link', written],
          ['Location', written],
        ]);
      },
    ],
    [
      'the lines of a body',
      (written) => {
        const splitter = new LineSplitter(1e9);
        const lines: string[] = [];
        splitter.push(written, lines);
        for (const character of written) splitter.push(character, lines);
        splitter.end();
      },
    ],
    [
      'a flood of cookies, over http and https, for a jar that is full',
      (written) => {
        const jar = new CookieJar();
        const host = `${'l.'.repeat(20)}evil.example`;
        jar.receive(
          Array.from(
            { length: 500 },
            (_, index) => `s${index % 9}=1; Secure; Domain=${'l.'.repeat(index % 20)}evil.example`,
          ),
          new URL(`https://${host}/`),
        );
        const lines = Array.from({ length: written.length / 20 }, (_, index) => `s${index}=${written[index]}; Path=/`);
        jar.receive(lines, new URL(`http://${host}/`));
        jar.receive(
          lines.map((line) => line.replace(/^s\d+/, 's1')),
          new URL(`http://${host}/`),
        );
        jar.receive(lines, new URL(`https://${host}/`));
        jar.get(`https://${host}/`);
      },
    ],
  ];
  const parts = [
    ...PARTS,
    ...BETWEEN,
    '\n',
    '\r',
    '\r\n',
    '\n ',
    '\r\r\n',
    'data:\n',
    'id\n',
    'a.b ',
    '[::1] ',
    '10.0.0.0/8,',
    '25',
    '%25',
    '%2F',
    '%2F%2Fa',
    '%3D',
    'a=%26',
    '@',
    '*.',
  ];
  test.each(works)('%s', { timeout: 60_000 }, (name, work) => {
    for (const part of name.includes('cookies') ? ['a'] : parts) {
      const { small, large } = cost((size) => work(filled(part, size)));
      expect({ part, small, large, linear: grows({ small, large }) }).toMatchObject({ linear: true });
    }
  });
});
