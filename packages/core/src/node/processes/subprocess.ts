import type { ChildProcess } from 'node:child_process';
import { hostNow } from '../../kernel/clock/host.ts';
import { show } from '../../kernel/operation/options.ts';
import type { Source } from '../../kernel/operation/source.ts';
import type { Operation } from '../../kernel/operation/suspension.ts';
import { ByteReader } from '../streams/byte-reader.ts';
import { ByteWriter } from '../streams/byte-writer.ts';
import { HostCondition } from '../streams/host-condition.ts';
import { HostPause } from '../streams/host-pause.ts';
import type { ExitStatus } from './process-error.ts';
import { ProcessGroup } from './process-group.ts';

/** How long members of a group may take to go after SIGKILL, in ms: longer only where the system is stuck. */
const AFTER_KILL = 1_000;
/** The pauses between two looks at a group that ends, in ms: they double. */
const FIRST_PAUSE = 2;
const LONGEST_PAUSE = 50;

/** A process that runs; made by `openProcess`. */
export class Subprocess {
  /** Its number in the system. */
  readonly pid: number;
  readonly #file: string;
  readonly #grace: number;
  readonly #group: ProcessGroup;
  readonly #changed = new HostCondition();
  readonly #stdin: ByteWriter | null;
  readonly #stdout: ByteReader | null;
  readonly #stderr: ByteReader | null;
  #status: ExitStatus | null = null;
  #pipesClosed = false;
  #onClosed: (() => void) | null = null;

  /** @internal */
  constructor(child: ChildProcess, file: string, grace: number, grouped: boolean) {
    this.pid = child.pid as number;
    this.#file = file;
    this.#grace = grace;
    this.#group = new ProcessGroup(child, grouped);
    this.#stdin = child.stdin && new ByteWriter(child.stdin, `stdin of ${file}`);
    this.#stdout = child.stdout && new ByteReader(child.stdout, `stdout of ${file}`);
    this.#stderr = child.stderr && new ByteReader(child.stderr, `stderr of ${file}`);
    child.on('exit', (code, signal) => {
      this.#status = { code, signal };
      this.#changed.check();
    });
    child.on('close', () => {
      this.#pipesClosed = true;
      if (!this.#group.alive) this.#onClosed?.();
    });
    // An error after the start is one of a signal that could not be sent: `kill` tells that.
    child.on('error', () => {});
  }

  /** Writes to it. */
  get stdin(): ByteWriter {
    return this.#stdin ?? this.#notPiped('stdin');
  }

  /** What it writes to stdout. A process whose output nobody reads waits when the pipe is full. */
  get stdout(): ByteReader {
    return this.#stdout ?? this.#notPiped('stdout');
  }

  /** What it writes to stderr. */
  get stderr(): ByteReader {
    return this.#stderr ?? this.#notPiped('stderr');
  }

  /**
   * The lines of stdout, in UTF-8.
   *
   * @param limit how many bytes a line may have, 65,536 by default
   */
  lines(limit?: number): Source<string> {
    return this.stdout.lines(limit);
  }

  /** How it has ended; null while it runs. */
  get status(): ExitStatus | null {
    return this.#status;
  }

  /**
   * Waits until it has ended, in whatever way. Its own children may still run.
   *
   * Cancellation: only the wait ends.
   */
  *wait(): Operation<ExitStatus> {
    yield* this.#changed.until(`the end of ${this.#file}`, () => this.#status !== null);
    return this.#status as ExitStatus;
  }

  /**
   * Sends a signal to it and to all in its group.
   *
   * @param signal 'SIGTERM' by default
   * @returns false when it has ended already
   */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    if (typeof signal !== 'string' || !/^SIG[A-Z0-9]+$/.test(signal)) {
      throw new TypeError(`kill takes the name of a signal, such as 'SIGTERM', not ${show(signal)}.`);
    }
    return this.#group.signal(signal);
  }

  /**
   * Ends it with all in its group: SIGTERM, and after the grace SIGKILL; done by its scope, too.
   *
   * Cancellation: the grace is over, and SIGKILL follows at once.
   */
  *close(): Operation<void> {
    try {
      yield* this.endGroup();
    } finally {
      this.#group.forget();
      this.#onClosed?.();
      yield* this.closePipes();
    }
  }

  /** @internal Ends all members. */
  *endGroup(): Operation<void> {
    const gone = (): boolean => !this.#group.alive;
    try {
      if (this.kill('SIGTERM')) yield* this.#until(gone, this.#grace);
      if (this.kill('SIGKILL')) yield* this.#until(gone, AFTER_KILL);
    } finally {
      this.kill('SIGKILL');
    }
  }

  /** @internal Waits for the end of the output: one who left the group may hold the pipes open, and gets the grace. */
  *endOutput(): Operation<void> {
    yield* this.#until(() => this.#pipesClosed, this.#grace);
    yield* this.closePipes();
  }

  /** @internal */
  *closePipes(): Operation<void> {
    this.#stdin?.destroy();
    if (this.#stdout !== null) yield* this.#stdout.close();
    if (this.#stderr !== null) yield* this.#stderr.close();
  }

  /** @internal Calls `then` when there is nothing left to end. */
  whenClosed(then: () => void): void {
    this.#onClosed = then;
  }

  /** Waits until the condition holds, for at most `ms`. */
  *#until(holds: () => boolean, ms: number): Operation<void> {
    const until = hostNow() + ms;
    for (let pause = FIRST_PAUSE; !holds() && hostNow() < until; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      yield* new HostPause(`the end of ${this.#file} and its children`, Math.min(pause, until - hostNow()));
    }
  }

  #notPiped(name: string): never {
    throw new TypeError(
      `${name} of ${this.#file} is not a pipe, since openProcess was given { ${name}: … }. Leave that option out to use it here.`,
    );
  }
}
