import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { acquire, createScope } from '@coloop/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findRoot } from '../world/library.ts';
import { embeddedWorld, type World } from '../world/world.ts';
import { startCommand } from './command.fixture.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'site-checker-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string) => path.join(folder, name);

// Whole processes, on machines that may be busy: no verdict depends on how long they take.
describe('start without arguments', { timeout: 120_000 }, () => {
  test('checks the embedded site, finds every planted fault and writes the report', async () => {
    const { code, output, errors } = await startCommand([], folder).ended;
    expect(errors).toBe('');
    expect(output).toMatch(/All \d+ faults that were planted there were found/);
    expect(output).toMatch(/│ pages │ requests │/);
    expect(output).toMatch(/Broken links: \d+/);
    expect(output).toMatch(/Slowest pages/);
    expect(output).toMatch(/at a time .*faster/);
    // In a pipe: plain lines that say how it goes, and nothing that steers a terminal.
    expect(output).toMatch(/^\d.* in flight, .*$/m);
    expect(output).not.toMatch(/[^\P{Cc}\n]/u);
    expect(code).toBe(0);
    const report = readFileSync(inFolder('site-report.html'), 'utf8');
    expect(report).toContain('<svg');
    expect(report).not.toMatch(/src=/);
    expect(report.match(/<script/g)).toHaveLength(1);
  });

  test('interrupted, closes everything, prints what it found so far and ends with 130', async () => {
    const command = startCommand(['--report', inFolder('partial.html')], folder);
    await command.shows(/in flight/);
    command.process.kill('SIGINT');
    const { code, output, errors } = await command.ended;
    expect(errors).toBe('');
    expect(output).toContain('interrupted: what was found so far');
    expect(output).toMatch(/│ pages │ requests │/);
    expect(code).toBe(130);
    expect(readFileSync(inFolder('partial.html'), 'utf8')).toContain('interrupted');
  });

  test('interrupted before the first request, still ends with 130', async () => {
    const command = startCommand(['--report', inFolder('early.html')], folder);
    await command.shows('A library of');
    command.process.kill('SIGINT');
    expect((await command.ended).code).toBe(130);
  });
});

describe('start with a site', { timeout: 120_000 }, () => {
  const scope = createScope();
  let world: World;
  let ca: string;

  beforeAll(async () => {
    world = await scope.hold(acquire(embeddedWorld({ root: findRoot(import.meta.dirname), latency: [0, 2] })));
    ca = inFolder('ca.pem');
    writeFileSync(ca, world.ca);
  });

  afterAll(() => scope.close());

  const start = (...args: string[]) => startCommand([...args, '--report', inFolder('named.html')], folder).ended;
  const way = () => ['--nameserver', world.nameserver, '--proxy', world.proxy];

  test('goes through the proxy, asks the DNS server, trusts the CA, and ends with 1 for broken links', async () => {
    const { code, output, errors } = await start(`${world.url}reports/2019`, ...way(), '--ca', ca, '--timeout', '20s');
    expect(errors).toBe('');
    expect(output).toContain('answered 404 Not Found');
    expect(output).toContain('Report: ');
    expect(code).toBe(1);
  });

  test('ends with 2 and one sentence, and nothing left running, when the proxy refuses its password', async () => {
    const wrong = new URL(world.proxy);
    wrong.password = 'wrong-secret';
    const { code, output, errors } = await start(
      world.url,
      '--nameserver',
      world.nameserver,
      '--proxy',
      wrong.href,
      '--ca',
      ca,
    );
    expect(errors).toMatch(/^The proxy .* refused the name and password that --proxy gives it \(407\)\.\n$/);
    expect(errors + output).not.toContain('wrong-secret');
    expect(code).toBe(2);
  });
});
