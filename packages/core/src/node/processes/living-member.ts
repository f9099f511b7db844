import { readdirSync, readFileSync } from 'node:fs';

/**
 * Whether the group of a process that has exited has a member that lives.
 *
 * A zombie is no longer one, and where nobody collects it, it stays for ever; Linux tells them apart.
 */
export function hasLivingMember(pgid: number): boolean {
  // A number is given to a new process only when no group has it any more.
  if (exists(pgid) || !exists(-pgid)) return false;
  return process.platform !== 'linux' || livesOnLinux(pgid);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function livesOnLinux(pgid: number): boolean {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return true;
  }
  return names.some((name) => /^\d+$/.test(name) && isMember(name, pgid));
}

/** By `/proc/PID/stat`: behind the name in brackets, the state, the parent and the group (proc(5)). */
function isMember(pid: string, pgid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(group) === pgid && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
