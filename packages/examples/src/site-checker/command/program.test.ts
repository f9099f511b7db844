import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { acquire, createScope, run } from '@coloop/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findRoot } from '../world/library.ts';
import { embeddedWorld, type World } from '../world/world.ts';
import { program } from './program.ts';

const scope = createScope();
let folder: string;
let world: World;
let ca: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'site-checker-'));
  world = await scope.hold(acquire(embeddedWorld({ root: findRoot(import.meta.dirname), latency: [0, 2] })));
  ca = path.join(folder, 'ca.pem');
  writeFileSync(ca, world.ca);
});

afterAll(async () => {
  await scope.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(...args: string[]) {
  let output = '';
  let errors = '';
  const code = await run(program(args, { write: (text) => (output += text) }, { write: (text) => (errors += text) }));
  return { code, output, errors };
}

const way = () => ['--nameserver', world.nameserver, '--proxy', world.proxy];
const report = () => path.join(folder, 'report.html');

/** The proxy's address with another name and password in it. */
function asUser(username: string, password: string): string {
  const proxy = new URL(world.proxy);
  proxy.username = username;
  proxy.password = password;
  return proxy.href;
}

describe('the command', () => {
  test('checks a named site as far as it is told, and does not say that all is well where it left something out', async () => {
    const reach = ['--depth', '0', '--limit', '8', '--timeout', '20s'];
    const { code, output, errors } = await start(world.url, ...way(), '--ca', ca, ...reach, '--report', report());
    expect(errors).toBe('');
    expect(output).toMatch(/\d+ links left out: limit reached/);
    expect(output).toMatch(/^Not all was checked: limit reached, \d+ links left out; --limit asks for more\.$/m);
    expect(code).toBe(1);
    expect(readFileSync(report(), 'utf8')).toContain('None were found.');
  });

  test('does without certificates when told to', async () => {
    const rest = ['--insecure', '--exclude', '[^/]$|/index/', '--timeout', '20s', '--report', report()];
    expect((await start(world.url, ...way(), ...rest)).code).toBe(0);
  });

  test('says when --total-timeout has ended the run', async () => {
    const silent = world.faults.find((fault) => fault.behaviour.kind === 'slow');
    const rest = ['--ca', ca, '--total-timeout', '50ms', '--report', report()];
    const { code, output } = await start(new URL(silent?.link ?? '', world.url).href, ...way(), ...rest);
    expect(output).toContain('Not all was checked: the run was ended by --total-timeout');
    expect(output).toContain('interrupted');
    expect(code).toBe(1);
  });

  test('explains itself', async () => {
    const { code, output } = await start('--help');
    expect(output).toContain('--nameserver IP');
    expect(code).toBe(0);
  });
});

describe('what cannot be checked', () => {
  test.each<[what: string, args: () => string[], sentence: RegExp]>([
    ['a bad URL', () => ['nonsense'], /^"nonsense" is not an address of a site/],
    [
      'a name that nobody knows',
      () => ['https://unreachable.test/', '--nameserver', world.nameserver],
      /^No address was found for unreachable\.test \(/,
    ],
    ['a host that refuses', () => ['http://127.0.0.1:9/'], /^127\.0\.0\.1:9 cannot be reached \(ECONNREFUSED\)\.$/],
    [
      'a host that does not answer in time',
      () => [new URL('/reports/forecast', world.url).href, ...way(), '--ca', ca, '--timeout', '100ms'],
      /^library\.coloop\.test:\d+ did not answer within .*: --timeout gives it longer\.$/,
    ],
    [
      'a wrong proxy password',
      () => [world.url, '--nameserver', world.nameserver, '--proxy', asUser('reader', 'wrong-secret'), '--ca', ca],
      /^The proxy proxy\.coloop\.test:\d+ refused the name and password that --proxy gives it \(407\)\.$/,
    ],
    [
      'a wrong proxy password on the way to plain http',
      () => ['http://127.0.0.1:9/', '--nameserver', world.nameserver, '--proxy', asUser('reader', 'wrong-secret')],
      /^The proxy refused the name and password that --proxy gives it \(407\)\.$/,
    ],
    [
      'a proxy that is not there',
      () => [world.url, '--proxy', 'http://127.0.0.1:9'],
      /^The proxy 127\.0\.0\.1:9 cannot be reached \(ECONNREFUSED\)\.$/,
    ],
    [
      'a certificate that nobody trusts',
      () => [world.url, ...way()],
      /^The certificate of library\.coloop\.test:\d+ is not trusted \(.*\): give its authority with --ca FILE, or use --insecure\.$/,
    ],
    [
      'a file of certificates that is missing',
      () => [world.url, '--ca', path.join(folder, 'missing.pem')],
      /^The certificates of --ca cannot be read from .*missing\.pem/,
    ],
    [
      'a report that cannot be written',
      () => [world.url, '--report', path.join(folder, 'missing', 'report.html')],
      /^The report cannot be written to .*missing/,
    ],
    [
      'redirects without end',
      () => [new URL('/old/loop', world.url).href, ...way(), '--ca', ca],
      /^library\.coloop\.test:\d+ cannot be checked: .*redirect/i,
    ],
  ])('%s gives one clear sentence and 2', async (_, args, sentence) => {
    const { code, output, errors } = await start('--report', report(), ...args());
    expect(errors.trimEnd()).toMatch(sentence);
    expect(errors.trimEnd()).not.toContain('\n');
    expect(errors + output).not.toContain('wrong-secret');
    expect(code).toBe(2);
  });
});
