import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DECLARATIONS } from './arguments.ts';
import { HELP } from './help.ts';
import { type Options, readOptions } from './options.ts';

const SITE = 'https://any.site/';

function read(args: readonly string[]): Options {
  const options = readOptions(args);
  if (options === 'help') throw new Error('that was not a call for help');
  return options;
}

describe('the command line', () => {
  test('without arguments means the embedded world with its defaults', () => {
    expect(readOptions([])).toMatchObject({
      sites: [],
      reach: { concurrency: 20 },
      report: 'site-report.html',
      format: 'table',
    });
  });

  test('takes everything that the help names', () => {
    const options = read([
      ...[SITE, '--concurrency', '7', '--depth', '3', '--limit', '50', '--timeout', '1.5s', '--total-timeout', '2m'],
      ...['--external', '--proxy', 'http://me:secret@proxy:3128', '--nameserver', '9.9.9.9', '--nameserver=[::1]:5353'],
      ...[
        '--ca',
        'ca.pem',
        '--report',
        'out.html',
        '--no-fragments',
        '--ignore-robots',
        '--sitemap',
        '--retries',
        '0',
        '--threads',
        '4',
      ],
      ...['--include', '^https:', '--exclude', 'a', '--exclude', 'b', '--accept', '403', '--max-page', '1.5MB'],
      ...['--user', 'me:a:b', '--format', 'sarif', '--baseline', 'known.json', '--update-baseline', '--gain'],
    ]);
    expect(options).toMatchObject({
      totalTimeout: 120_000,
      proxy: 'http://me:secret@proxy:3128',
      nameservers: ['9.9.9.9', '[::1]:5353'],
      ca: 'ca.pem',
      insecure: false,
      report: 'out.html',
      format: 'sarif',
      baseline: 'known.json',
      updateBaseline: true,
      gain: true,
    });
    expect(options.reach).toEqual({
      concurrency: 7,
      depth: 3,
      limit: 50,
      timeout: 1_500,
      external: true,
      fragments: false,
      robots: false,
      sitemap: true,
      retries: 0,
      threads: 4,
      include: [/^https:/],
      exclude: [/a/, /b/],
      accept: [403],
      maxPage: 1_500_000,
      user: { name: 'me', password: 'a:b' },
    });
    expect(options.sites.map(({ href }) => href)).toEqual([SITE]);
  });

  test('takes several addresses', () => {
    expect(read([SITE, 'http://other.site']).sites.map(({ href }) => href)).toEqual([SITE, 'http://other.site/']);
  });

  test('writes no report beside a format for machines, unless told where', () => {
    expect(read([SITE, '--format', 'json']).report).toBeUndefined();
    expect(read([SITE, '--format', 'json', '--report', 'a.html']).report).toBe('a.html');
  });

  test('asks for help with --help, whatever else is there', () => {
    expect(readOptions(['--help'])).toBe('help');
    expect(readOptions(['nonsense', '-h'])).toBe('help');
    expect(readOptions(['--', '--help'])).toBe('help');
  });

  test('has no option that the help does not name, and the help fits a terminal', () => {
    for (const name of Object.keys(DECLARATIONS)) expect(HELP).toContain(`--${name} `);
    for (const line of HELP.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test.each<[arguments_: string[], sentence: RegExp]>([
    [['not a url'], /"not a url" is not an address of a site/],
    [['ftp://any.site/'], /must begin with https:/],
    [['http://a.test:99999/'], /is not an address of a site/],
    [[''], /"" is not an address of a site/],
    [[SITE, '--concurrency', '0'], /--concurrency 0 is not a usable count/],
    [[SITE, '--concurrency', '2.5'], /whole number, from 1 to 1000/],
    [[SITE, '--depth', '-1'], /depth/],
    [[SITE, '--depth=-1'], /--depth -1 is not a usable count: write a whole number, 0 or more/],
    [[SITE, '--timeout', '10'], /--timeout 10 is not a time: write it with its unit/],
    [[SITE, '--timeout', '0s'], /--timeout 0s is not a time/],
    [[SITE, '--nameserver', 'dns.example'], /is not an IP address/],
    [[SITE, '--nameserver', '9.9.9.9:99999'], /is not an IP address/],
    [[SITE, '--proxy', 'proxy:3128'], /is not an address of a proxy/],
    [[SITE, '--ca', 'x.pem', '--insecure'], /contradict/],
    [[SITE, '--report', ''], /--report needs the name of a file/],
    [[SITE, '--speed', '9'], /Unknown option '--speed'; --help shows/],
    [[SITE, '--include', '('], /^--include \( is not a regular expression: /],
    [[SITE, '--exclude', '[z-a]'], /^--exclude \[z-a\] is not a regular expression: /],
    [[SITE, '--exclude-file', '/no/such'], /^The patterns of --exclude-file cannot be read from \/no\/such: ENOENT/],
    [[SITE, '--accept', '99'], /--accept 99 is not a usable count: write a whole number, from 100 to 999/],
    [[SITE, '--max-page', '5'], /--max-page 5 is not a size: write it with its unit/],
    [[SITE, '--retries', '11'], /from 0 to 10/],
    [[SITE, '--user', 'me'], /^--user needs a name and a password: write it like name:password$/],
    [[SITE, '--format', 'xml'], /^--format xml is not known: it is one of table, json, junit, sarif, github$/],
    [[SITE, '--update-baseline'], /--update-baseline needs to know the file/],
    [[SITE, '--config', '/no/such'], /^The configuration cannot be read from \/no\/such: ENOENT/],
    [['--format', 'json'], /--format is for a site that you name/],
    [['--depth', '2'], /--depth is for a site that you name/],
    [['--insecure'], /--insecure is for a site that you name/],
  ])('%j gets one clear sentence', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence);
    expect(() => readOptions(args)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });

  test('never repeats a proxy address, which may hold a password', () => {
    expect(() => readOptions([SITE, '--proxy', 'gopher://me:secret@proxy'])).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('the configuration file', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'config-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const config = (text: string) => {
    const file = path.join(folder, 'config.json');
    writeFileSync(file, text);
    return ['--config', file];
  };

  test('holds addresses and options by their names, and the command line wins', () => {
    const args = config(
      JSON.stringify({ sites: [SITE], limit: 5, depth: '2', external: true, exclude: ['a', 'b'], accept: 403 }),
    );
    expect(read(args)).toMatchObject({
      reach: { limit: 5, depth: 2, external: true, accept: [403], exclude: [/a/, /b/] },
    });
    expect(read(args).sites).toHaveLength(1);
    const over = read([...args, 'http://other.test/', '--limit', '7', '--exclude', 'c']);
    expect(over).toMatchObject({ reach: { limit: 7, depth: 2, exclude: [/c/] } });
    expect(over.sites.map(({ href }) => href)).toEqual(['http://other.test/']);
  });

  test.each([
    ['{"speed": 9}', /has "speed", and there is no such option/],
    ['{"config": "x"}', /has "config", and there is no such option/],
    ['{"external": "yes"}', /"external" in .* must be true or false/],
    ['{"limit": [5]}', /"limit" in .* must be a text or a number/],
    ['{"sites": [{}]}', /"sites" in .* must be a list of texts/],
    ['{"limit": -5}', /--limit -5 is not a usable count/],
    ['{', /The configuration in .* is not JSON/],
  ])('%s gets one clear sentence', (text, sentence) => {
    expect(() => readOptions([SITE, ...config(text)])).toThrow(sentence);
  });
});
