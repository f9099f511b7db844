import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attempt, run, sleep, spawn, stream, TimeoutError, timeout } from '../../index.ts';
import { LimitOverrunError } from '../streams/errors.ts';
import { exec } from './exec.ts';
import { ProcessError } from './process-error.ts';

/** How many processes run `sleep` with exactly this number, which no other test uses. */
function sleepers(seconds: number): number {
  const lines = execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => !line.startsWith('Z') && line.endsWith(`sleep ${seconds}`)).length;
}

const node = process.execPath;

describe('exec', () => {
  test('gives what was written and how it ended, and passes arguments as they are, without a shell', () =>
    run(function* () {
      const script = 'console.log(process.argv[1]); console.error("no"); process.exitCode = 0';
      const result = yield* exec(node, ['-e', script, '$HOME; `ls` "*"']);
      expect(result).toEqual({ stdout: '$HOME; `ls` "*"\n', stderr: 'no\n', code: 0, signal: null });
    }));

  test('an exit with another code is an error that tells the end of stderr, and a result by option', () =>
    run(function* () {
      const args = ['-c', 'echo out; echo "what was wrong" >&2; exit 3'];
      const failed = yield* attempt(exec('sh', args));
      if (failed.ok) throw new Error('it ended well');
      expect(failed.error).toBeInstanceOf(ProcessError);
      expect(failed.error).toMatchObject({
        code: 3,
        signal: null,
        stdout: 'out\n',
        stderr: 'what was wrong\n',
        message: 'sh ended with code 3: what was wrong',
      });
      expect(yield* exec('sh', args, { check: false })).toMatchObject({ code: 3, stdout: 'out\n' });
      expect(yield* attempt(exec('sh', ['-c', 'kill -9 $$']))).toMatchObject({
        error: { code: null, signal: 'SIGKILL' },
      });
    }));

  test('input is text, bytes or a source, and a program need not read it', () =>
    run(function* () {
      expect((yield* exec('cat', [], { input: 'grüße' })).stdout).toBe('grüße');
      expect((yield* exec('cat', [], { input: new Uint8Array([65, 66]) })).stdout).toBe('AB');
      expect((yield* exec('cat', [], { input: stream(['one ', 'two']) })).stdout).toBe('one two');
      expect((yield* exec('true', [], { input: 'x'.repeat(1_000_000) })).code).toBe(0);
      expect((yield* exec('cat')).stdout).toBe('');
    }));

  test('an error of the input ends the program and is thrown as it is', () =>
    run(function* () {
      const boom = new Error('no more');
      const input = stream(
        (async function* () {
          yield 'one';
          throw boom;
        })(),
      );
      expect(yield* attempt(exec('cat', [], { input }))).toEqual({ ok: false, error: boom });
    }));

  test('takes the folder and the environment', () =>
    run(function* () {
      const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'exec-')));
      expect((yield* exec('pwd', [], { cwd })).stdout.trim()).toBe(cwd);
      const { stdout } = yield* exec(node, ['-p', 'process.env.GREETING'], { env: { GREETING: 'hi' } });
      expect(stdout).toBe('hi\n');
    }));

  test('output beyond the limit ends the program with an error', () =>
    run(function* () {
      const { error } = (yield* attempt(exec('sh', ['-c', 'yes; sleep 7201'], { limit: 100_000 }))) as { error: Error };
      expect(error).toBeInstanceOf(LimitOverrunError);
      expect(error.message).toContain('sh wrote more than 100000 bytes to stdout');
      expect(sleepers(7201)).toBe(0);
      const whole = yield* exec('sh', ['-c', 'head -c 2000000 /dev/zero'], { limit: 2_000_000 });
      expect(whole.stdout.length).toBe(2_000_000);
    }));

  test('a cancel or a deadline ends the program and its own children, and waits for them', () =>
    run(function* () {
      const { error } = (yield* attempt(timeout(300, exec('sh', ['-c', 'sleep 7202 & sleep 7202'])))) as {
        error: Error;
      };
      expect(error).toBeInstanceOf(TimeoutError);
      expect(sleepers(7202)).toBe(0);
      const task = spawn(exec('sh', ['-c', 'trap "" TERM; sleep 7203 & while :; do sleep 7203; done'], { grace: 100 }));
      // Real time: the shell has to have set its trap.
      while (sleepers(7203) < 2) yield* sleep(10);
      yield* task.cancel();
      expect(sleepers(7203)).toBe(0);
    }));

  test('children that a program leaves behind are ended with it, and what was written is whole', () =>
    run(function* () {
      const { stdout } = yield* exec('sh', ['-c', 'sleep 7204 & echo begun']);
      expect(stdout).toBe('begun\n');
      expect(sleepers(7204)).toBe(0);
    }));

  test('a program that is not there, or a folder that is not, is told apart', () =>
    run(function* () {
      const messageOf = function* (...args: Parameters<typeof exec>) {
        const { error } = (yield* attempt(exec(...args))) as { error: ProcessError };
        expect(error).toBeInstanceOf(ProcessError);
        return error.message;
      };
      expect(yield* messageOf('no-such-program')).toBe(
        'no-such-program could not be started: there is no such program. Install it, correct PATH, or give its whole path.',
      );
      expect(yield* messageOf('ls -l')).toContain('Arguments belong into the array');
      expect(yield* messageOf('ls', [], { cwd: '/no/such/folder' })).toContain(
        "its 'cwd' /no/such/folder is not a folder",
      );
      expect(yield* messageOf(tmpdir())).toContain('may not be executed');
    }));

  test('wrong arguments are refused at the call', () => {
    expect(() => exec('')).toThrow('exec takes the name or path of a program as text, not ""');
    expect(() => exec('ls', '-l' as never)).toThrow('exec takes the arguments as an array of texts, not "-l"');
    expect(() => exec('ls', [1 as never])).toThrow('Write `String(value)`');
    expect(() => exec('ls', ['a\0b'])).toThrow('without a NUL character');
    expect(() => exec('ls', [], { shell: true } as never)).toThrow("exec has no option 'shell'");
    expect(() => exec('ls', [], { limit: -1 })).toThrow("the option 'limit' takes a whole number");
    expect(() => exec('ls', [], { input: 5 as never })).toThrow("the option 'input' takes text, bytes, or a source");
    expect(() => exec('ls', [], { grace: Number.NaN })).toThrow('NaN');
  });
});
