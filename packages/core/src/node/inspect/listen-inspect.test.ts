// Real time: sockets of the system know no other.
import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attempt, forEach, type Operation, run, sleep, spawn, tick } from '../../index.ts';
import { treesOf } from '../../inspect/index.ts';
import { connect } from '../sockets/connect.ts';
import { listenInspect } from './listen-inspect.ts';

const folder = mkdtempSync(join(tmpdir(), 'inspect-'));

function* linesAt(path: string): Operation<unknown[]> {
  const connection = yield* connect({ path });
  const lines: unknown[] = [];
  yield* forEach(connection.lines(), (line) => void lines.push(JSON.parse(line)));
  return lines;
}

test('listenInspect gives the tasks of the program over a socket, each part as a line, in a directory for the own user', () =>
  run(function* main() {
    const path = join(folder, 'made', 'coloop.sock');
    yield* listenInspect(path);
    expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o700);
    const nap = spawn(sleep(1e6), { name: 'nap' });
    yield* tick();
    const [head, ...parts] = yield* linesAt(path);
    expect(head).toEqual({ from: expect.any(String) });
    const [[root] = []] = treesOf((parts as never[][]).flat());
    expect(root?.name).toBe('main');
    expect(root?.children.find(({ name }) => name === 'nap')).toMatchObject({ waitsFor: 'sleep(1000000)' });
    yield* nap.cancel();
  }));

test('it is gone when its scope has ended', async () => {
  const path = join(folder, 'gone.sock');
  await run(() => listenInspect(path));
  await run(function* () {
    expect(yield* attempt(connect({ path }))).toMatchObject({ ok: false, error: { code: 'ENOENT' } });
  });
});

test('a socket on which nobody listens is replaced; one on which somebody does, and any other file, is refused', () =>
  run(function* () {
    const path = join(folder, 'taken.sock');
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    const server = createServer();
    yield* attempt(listenInspect(file));
    expect(yield* attempt(listenInspect(file))).toMatchObject({ ok: false, error: { code: 'EEXIST' } });
    server.listen(path);
    yield* sleep(0);
    expect(yield* attempt(listenInspect(path))).toMatchObject({ ok: false, error: { code: 'EADDRINUSE' } });
    server.close();
    yield* listenInspect(path);
    expect((yield* linesAt(path)).length).toBeGreaterThan(1);
  }));

test('a directory that others may enter, and what is no path, is refused', () =>
  run(function* () {
    const open = mkdtempSync(join(tmpdir(), 'inspect-'));
    chmodSync(open, 0o755);
    expect(yield* attempt(listenInspect(join(open, 'a.sock')))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(`other users may enter ${open} (mode 755)`) },
    });
    expect(() => listenInspect(7 as never)).toThrow(TypeError);
  }));
