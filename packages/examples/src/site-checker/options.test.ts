import { describe, expect, test } from 'vitest';
import { HELP, readOptions } from './options.ts';

const SITE = 'https://any.site/';

describe('the command line', () => {
  test('without arguments means the embedded world with its defaults', () => {
    expect(readOptions([])).toMatchObject({ site: undefined, concurrency: 20, report: 'site-report.html' });
  });

  test('takes everything that the help names', () => {
    const options = readOptions([
      ...[SITE, '--concurrency', '7', '--depth', '3', '--limit', '50', '--timeout', '1.5s', '--total-timeout', '2m'],
      ...['--external', '--proxy', 'http://me:secret@proxy:3128', '--nameserver', '9.9.9.9', '--nameserver=[::1]:5353'],
      ...['--ca', 'ca.pem', '--report', 'out.html'],
    ]);
    expect(options).toMatchObject({
      concurrency: 7,
      depth: 3,
      limit: 50,
      timeout: 1_500,
      totalTimeout: 120_000,
      external: true,
      proxy: 'http://me:secret@proxy:3128',
      nameservers: ['9.9.9.9', '[::1]:5353'],
      ca: 'ca.pem',
      insecure: false,
      report: 'out.html',
    });
    expect(options !== 'help' && options.site?.href).toBe(SITE);
  });

  test('asks for help with --help, whatever else is there', () => {
    expect(readOptions(['--help'])).toBe('help');
    expect(readOptions(['nonsense', '-h'])).toBe('help');
    expect(readOptions(['--', '--help'])).toBe('help');
    for (const word of [
      '--concurrency',
      '--depth',
      '--proxy',
      '--nameserver',
      '--ca',
      '--timeout',
      '--insecure',
      '--report',
    ]) {
      expect(HELP).toContain(word);
    }
  });

  test.each<[arguments_: string[], sentence: RegExp]>([
    [['not a url'], /"not a url" is no address of a site/],
    [['ftp://any.site/'], /must begin with https:/],
    [[SITE, 'https://other.site/'], /One site at a time/],
    [[SITE, '--concurrency', '0'], /--concurrency 0 is no usable count/],
    [[SITE, '--concurrency', '2.5'], /whole number, from 1 to 1000/],
    [[SITE, '--depth', '-1'], /depth/],
    [[SITE, '--depth=-1'], /--depth -1 is no usable count: write a whole number, 0 or more/],
    [[SITE, '--timeout', '10'], /--timeout 10 is no time: write it with its unit/],
    [[SITE, '--timeout', '0s'], /--timeout 0s is no time/],
    [[SITE, '--nameserver', 'dns.example'], /is no IP address/],
    [[SITE, '--nameserver', '9.9.9.9:99999'], /is no IP address/],
    [[SITE, '--proxy', 'proxy:3128'], /is no address of a proxy/],
    [[SITE, '--ca', 'x.pem', '--insecure'], /contradict/],
    [[SITE, '--report', ''], /--report needs the name of a file/],
    [[SITE, '--speed', '9'], /Unknown option '--speed'; --help shows/],
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
