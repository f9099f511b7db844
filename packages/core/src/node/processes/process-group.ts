import type { ChildProcess } from 'node:child_process';
import { hasLivingMember } from './living-member.ts';

/** The groups that were not ended yet: none outlives this process. */
const open = new Set<ProcessGroup>();

/** A process with its own children, as far as they have stayed in its group. */
export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #pid: number;
  readonly #grouped: boolean;
  #exited = false;
  /** Whether the group had no member any more when somebody looked: its number may belong to others now. */
  #empty = false;

  constructor(child: ChildProcess, grouped: boolean) {
    this.#child = child;
    this.#pid = child.pid as number;
    this.#grouped = grouped && process.platform !== 'win32';
    if (open.size === 0) process.on('exit', killAll);
    open.add(this);
    child.on('exit', () => {
      this.#exited = true;
      // The number stays taken as long as anybody is in the group: this is the moment to look.
      if (!this.alive) this.forget();
    });
  }

  /** Whether a member is known to live. */
  get alive(): boolean {
    if (!this.#exited) return true;
    if (!this.#grouped || this.#empty) return false;
    this.#empty = !hasLivingMember(this.#pid);
    return !this.#empty;
  }

  /** Sends a signal to all members; false where none is known to live. */
  signal(name: NodeJS.Signals): boolean {
    if (!this.alive) return false;
    if (!this.#grouped) return this.#child.kill(name);
    try {
      return process.kill(-this.#pid, name);
    } catch {
      // The last one has ended between the look and the signal.
      return this.#child.kill(name);
    }
  }

  /** It has ended. */
  forget(): void {
    open.delete(this);
    if (open.size === 0) process.off('exit', killAll);
  }
}

function killAll(): void {
  for (const group of open) group.signal('SIGKILL');
}
