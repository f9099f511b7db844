// Real time: programs of the system run in no other.

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { attempt, forEach, group, run, sleep, spawn } from '../../index.ts';
import { openProcess } from './open-process.ts';
import type { Subprocess } from './subprocess.ts';

function sleepers(seconds: number): number {
  const lines = execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => !line.startsWith('Z') && line.endsWith(`sleep ${seconds}`)).length;
}

describe('openProcess', () => {
  test('is written to and read line by line, and tells how it ended', () =>
    run(function* () {
      const child = yield* openProcess('sh', ['-c', 'while read line; do echo "got $line"; done; exit 7']);
      const lines = child.lines();
      expect(child.pid).toBeGreaterThan(0);
      for (const word of ['one', 'two']) {
        yield* child.stdin.write(`${word}\n`);
        expect(yield* lines.next()).toEqual({ done: false, value: `got ${word}` });
      }
      expect(child.status).toBeNull();
      yield* child.stdin.end();
      expect(yield* lines.next()).toEqual({ done: true, value: undefined });
      expect(yield* child.wait()).toEqual({ code: 7, signal: null });
      expect(yield* child.wait()).toEqual(child.status);
      expect(child.kill()).toBe(false);
    }));

  test('ends with its scope, with its children, also those that ignore SIGTERM', () =>
    run(function* () {
      let child = null as Subprocess | null;
      yield* group(function* () {
        const script = 'trap "" TERM; sleep 7301 & echo ready; while :; do sleep 7301; done';
        child = yield* openProcess('sh', ['-c', script], { grace: 100 });
        yield* child.lines().next();
        expect(sleepers(7301)).toBeGreaterThan(0);
      });
      expect(sleepers(7301)).toBe(0);
      expect(child?.status).toEqual({ code: null, signal: 'SIGKILL' });
    }));

  test('children live on after the program, until the scope ends', () =>
    run(function* () {
      yield* group(function* () {
        const child = yield* openProcess('sh', ['-c', 'sleep 7302 & echo left']);
        yield* child.wait();
        expect(sleepers(7302)).toBe(1);
      });
      expect(sleepers(7302)).toBe(0);
    }));

  test('without a group only the program itself is signalled', () =>
    run(function* () {
      const child = yield* openProcess('sh', ['-c', 'echo $PPID; ps -o pgid= -p $$'], { group: false });
      const own = execFileSync('ps', ['-o', 'pgid=', '-p', String(process.pid)], { encoding: 'utf8' }).trim();
      const lines: string[] = [];
      yield* forEach(child.lines(), (line) => void lines.push(line.trim()));
      expect(lines).toEqual([String(process.pid), own]);
    }));

  test('a program that fills its pipe waits for its reader', () =>
    run(function* () {
      const child = yield* openProcess('sh', ['-c', 'yes | head -c 3000000; echo; echo done >&2']);
      let errors = '';
      const watching = spawn(
        forEach(child.stderr, (chunk) => {
          errors += Buffer.from(chunk).toString();
        }),
      );
      yield* sleep(50);
      expect(errors).toBe('');
      let size = 0;
      yield* forEach(child.stdout, (chunk) => {
        size += chunk.length;
      });
      yield* watching;
      expect([size, errors]).toEqual([3_000_001, 'done\n']);
    }));

  test('writing to a program that has ended is an error of the writer alone', () =>
    run(function* () {
      const child = yield* openProcess('true');
      yield* child.wait();
      const written = yield* attempt(
        (function* () {
          for (let i = 0; i < 100; i++) {
            yield* child.stdin.write('x'.repeat(100_000));
            yield* sleep(1);
          }
        })(),
      );
      // The system says so, or the pipe was closed before anything was written.
      const message = written.ok ? '' : (written.error as Error).message;
      expect(message).toMatch(/EPIPE|^stdin of true takes nothing more: the other side has ended\.$/);
    }));

  test('a stream that is not a pipe says so, and other values are refused', () =>
    run(function* () {
      const child = yield* openProcess('true', [], { stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' });
      expect(() => child.stdout).toThrow('stdout of true is not a pipe, since openProcess was given { stdout: … }');
      expect(() => child.lines()).toThrow('is not a pipe');
      expect(() => openProcess('true', [], { stdout: 'file' as never })).toThrow(
        "openProcess: the option 'stdout' takes 'pipe', 'inherit' or 'ignore', not \"file\"",
      );
      expect(() => child.kill('TERM' as never)).toThrow("kill takes the name of a signal, such as 'SIGTERM'");
    }));

  test('many processes one after the other leave nothing behind in a scope that goes on', () =>
    run(function* () {
      for (let i = 0; i < 20; i++) {
        const child = yield* openProcess('true');
        yield* child.wait();
        yield* child.close();
      }
      expect(process.listenerCount('exit')).toBeLessThan(5);
    }));
});
