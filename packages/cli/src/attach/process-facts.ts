/** What Linux tells of a process, below /proc. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** The number of SIGUSR1 on Linux, on every processor for which there is a Node. */
const SIGUSR1 = 10;
const LISTENING = '0A';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The user that it belongs to. */
export function userOf(pid: number): number {
  return statSync(`/proc/${pid}`).uid;
}

/** The file that runs. An update may have replaced it since. */
export function programOf(pid: number): string {
  return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
}

/** Whether it sees the same ports of loopback as this process. */
export function sharesNetwork(pid: number): boolean {
  return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
}

/** Whether SIGUSR1 is caught: it ends a process that does not. */
export function catchesSignal(pid: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${caught}`) >> BigInt(SIGUSR1 - 1)) & 1n) === 1n;
}

/** What it was started with, and what its environment adds for Node. */
export function argumentsOf(pid: number): string[] {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const more = environment.find((line) => line.startsWith('NODE_OPTIONS='))?.slice('NODE_OPTIONS='.length) ?? '';
  return [...more.split(/\s+/), ...words];
}

/** The ports on which a process itself listens. */
export function portsOf(pid: number): Set<number> {
  const sockets = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const socket = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
    if (socket !== undefined) sockets.add(socket);
  }
  return new Set(listening(pid).flatMap(({ port, socket }) => (sockets.has(socket) ? port : [])));
}

/** Whether anybody listens on a port of loopback, where an inspector would. */
export function listensHere(pid: number, port: number): boolean {
  return listening(pid).some((each) => each.port === port && LOOPBACK.test(each.address));
}

/** 127.0.0.1, or every address, as /proc writes them. */
const LOOPBACK = /^(?:0100007F|0+)$/;

function listening(pid: number): { address: string; port: number; socket: string }[] {
  return ['tcp', 'tcp6'].flatMap((kind) =>
    tableOf(`/proc/${pid}/net/${kind}`).flatMap((line) => {
      const [, local = '', , state, , , , , , socket = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === LISTENING ? { address, port: Number.parseInt(port, 16), socket } : [];
    }),
  );
}

function tableOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch {
    // Without IPv6 the second table is not there.
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since the list was read.
    return '';
  }
}
