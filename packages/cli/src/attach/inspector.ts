/** The inspector of a process: finds its port, has it opened by the signal, and speaks its protocol. */
import { now, type Operation, sleep, timeout } from '@coloop/core';
import type { Session, WebSocket } from '@coloop/http';
import { CommandError } from '../command.ts';
import { hasEnded, ofLiving } from './check-target.ts';
import { argumentsOf, isAlive, listensHere, portsOf } from './process-facts.ts';

/** How often the process is looked at until the inspector is there, and for how long, in ms. */
const LOOK = 20;
const PATIENCE = 5_000;
/** After how long it is looked for where it may have been before, in ms. */
const DOUBT = 1_000;
/** How long an answer may take: code that is native cannot be interrupted. */
const ANSWER = 10_000;
const DEFAULT_PORT = 9229;

/** Where an inspector listens. */
export interface InspectorPlace {
  readonly port: number;
  /** Whether it was open before we came: then it stays open. */
  readonly wasOpen: boolean;
}

/** Finds the inspector that is open, or has one opened. */
export function* openInspector(pid: number, session: Session): Operation<InspectorPlace> {
  const args = ofLiving(pid, () => argumentsOf(pid));
  const before = ofLiving(pid, () => portsOf(pid));
  const usual = portIn(args);
  const isTaken = !before.has(usual) && ofLiving(pid, () => listensHere(pid, usual));
  if (before.has(usual) || isTaken || args.some((each) => OPENS.test(each))) {
    const open = yield* firstOf(before.has(usual) ? [usual] : before, session);
    if (open !== null) return { port: open, wasOpen: true };
  }
  if (isTaken)
    throw notOpened(pid, `port ${usual} is taken, start it with another one, as in \`node --inspect-port=0\``);
  if (!isAlive(pid)) throw hasEnded(pid);
  process.kill(pid, 'SIGUSR1');
  const begin = now();
  let looked = false;
  while (now() - begin < PATIENCE) {
    yield* sleep(LOOK);
    const added = ofLiving(pid, () => [...portsOf(pid)].filter((port) => !before.has(port)));
    const opened = yield* firstOf(added, session);
    if (opened !== null) return { port: opened, wasOpen: false };
    if (looked || now() - begin < DOUBT) continue;
    // It may have one that nothing in its arguments tells of; then the signal has changed nothing.
    looked = true;
    const open = yield* firstOf(before, session);
    if (open !== null) return { port: open, wasOpen: true };
  }
  throw notOpened(pid, 'it has a handler of its own for SIGUSR1, or was stopped');
}

/** What tells Node to open its inspector when it starts. */
const OPENS = /^--inspect(?:-brk|-wait)?(?:=|$)/;

function notOpened(pid: number, why: string): CommandError {
  return new CommandError(`Process ${pid} has not opened its inspector: ${why}.`);
}

/** The first of these ports at which an inspector answers. */
function* firstOf(ports: Iterable<number>, session: Session): Operation<number | null> {
  for (const port of ports) if ((yield* urlAt(port, session)) !== null) return port;
  return null;
}

/** The port on which Node would open its inspector. */
function portIn(args: readonly string[]): number {
  let port = DEFAULT_PORT;
  for (const each of args) {
    const [, address] = /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)=(.*)$/.exec(each) ?? [];
    const given = /(?:^|:)(\d+)$/.exec(address ?? '')?.[1];
    if (given !== undefined) port = Number(given);
  }
  return port;
}

/** What the inspector at a port is reached by; null where something else answers there, or nothing. */
export function* urlAt(port: number, session: Session): Operation<string | null> {
  try {
    const targets = yield* session.get(`http://127.0.0.1:${port}/json/list`, { timeout: 2_000 }).json<unknown>();
    if (!Array.isArray(targets)) return null;
    const url: unknown = targets[0]?.webSocketDebuggerUrl;
    return typeof url === 'string' ? url : null;
  } catch {
    return null;
  }
}

/** What the protocol calls a value of the other process. */
interface RemoteValue {
  readonly objectId?: string;
  readonly value?: unknown;
}

interface Answer {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: RemoteValue;
    readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
  };
}

/** One connection to an inspector. Its words are used one after the other. */
export class Inspector {
  readonly #socket: InspectorSocket;
  #lastId = 0;

  constructor(socket: InspectorSocket) {
    this.#socket = socket;
  }

  /** Runs an expression over there; what it gives stays there, under an id. */
  *evaluate(expression: string): Operation<string> {
    const { objectId } = yield* this.#ask('Runtime.evaluate', { expression });
    if (objectId === undefined) throw new CommandError(`The process gave no object for ${expression}.`);
    return objectId;
  }

  /** Calls a function over there, as a method of what has that id, and brings home what it returns. */
  *call(objectId: string, code: string, ...args: readonly unknown[]): Operation<unknown> {
    const { value } = yield* this.#ask('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: code,
      arguments: args.map((each) => ({ value: each })),
      returnByValue: true,
    });
    return value;
  }

  /** Calls a function that ends this connection, and waits for that. */
  *callLast(objectId: string, code: string): Operation<void> {
    yield* this.#send('Runtime.callFunctionOn', { objectId, functionDeclaration: code });
    yield* timeout(ANSWER, this.#untilClosed());
  }

  *#untilClosed(): Operation<void> {
    while (!(yield* this.#socket.next()).done);
  }

  *#send(method: string, params: object): Operation<void> {
    yield* this.#socket.send(JSON.stringify({ id: ++this.#lastId, method, params }));
  }

  *#ask(method: string, params: object): Operation<RemoteValue> {
    yield* this.#send(method, params);
    return yield* timeout(ANSWER, this.#answer());
  }

  *#answer(): Operation<RemoteValue> {
    for (;;) {
      const { id, error, result } = JSON.parse(String(yield* this.#socket.receive())) as Answer;
      if (id !== this.#lastId) continue;
      const thrown = result?.exceptionDetails;
      if (error !== undefined) throw new CommandError(`The inspector of the process refused: ${error.message}.`);
      if (thrown === undefined) return result?.result ?? {};
      throw new CommandError(`The process could not answer: ${thrown.exception?.description ?? thrown.text}`);
    }
  }
}

/** What is needed of a WebSocket. */
type InspectorSocket = WebSocket;
