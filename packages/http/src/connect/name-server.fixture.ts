/** A nameserver whose every answer a test decides: which, how late, or none. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface Asked {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
}

/** Addresses, a code of an error of DNS (2 is SERVFAIL, 3 NXDOMAIN, 5 REFUSED), or null for silence; perhaps later. */
export interface Answer {
  readonly answer: readonly string[] | number | null;
  /** Milliseconds. */
  readonly after?: number;
}

export interface ScriptedNameServer extends AsyncDisposable {
  readonly address: string;
  readonly asked: readonly Asked[];
}

/** Starts one on 127.0.0.1. */
export async function scriptedNameServer(script: (asked: Asked) => Answer): Promise<ScriptedNameServer> {
  const socket = createSocket('udp4');
  const asked: Asked[] = [];
  socket.on('message', (query, peer) => {
    const question = questionOf(query);
    asked.push(question);
    const { answer, after } = script(question);
    const send = (): void => {
      if (answer !== null) socket.send(reply(query, answer), peer.port, peer.address, () => {});
    };
    // Real time: the resolver of the platform waits for its network.
    if (after === undefined) send();
    else setTimeout(send, after).unref();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

function endOfQuestion(query: Buffer): number {
  let end = 12;
  while (query[end] !== 0) end += (query[end] as number) + 1;
  return end + 5;
}

function questionOf(query: Buffer): Asked {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] as number; length !== 0; length = query[at] as number) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query[at + 2] === 1 ? 'A' : 'AAAA' };
}

function reply(query: Buffer, answer: readonly string[] | number): Buffer {
  const end = endOfQuestion(query);
  const isV6 = questionOf(query).type === 'AAAA';
  const records = typeof answer === 'number' ? [] : answer.filter((address) => address.includes(':') === isV6);
  const code = typeof answer === 'number' ? answer : 0;
  const head = Buffer.from([0, 0, 0x81, 0x80 | code, 0, 1, 0, records.length, 0, 0, 0, 0]);
  query.copy(head, 0, 0, 2);
  return Buffer.concat([head, query.subarray(12, end), ...records.map(record)]);
}

/** One record: the name of the question, class IN, nine seconds. */
function record(address: string): Buffer {
  const bytes = address.includes(':') ? loopback6(address) : Buffer.from(address.split('.').map(Number));
  return Buffer.concat([
    Buffer.from([0xc0, 12, 0, bytes.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, 9, 0, bytes.length]),
    bytes,
  ]);
}

/** `::` and a last group, which is all that tests need. */
function loopback6(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(Number.parseInt(address.slice(2), 16), 14);
  return bytes;
}
