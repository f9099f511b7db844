/** A DNS server that alone knows the names of a test. */
import { Packet, UDPServer } from 'dns2';
import type { Closable } from './closable.ts';

export interface NameServer extends Closable {
  /** What a resolver is given, such as `127.0.0.1:40123`. */
  readonly address: string;
  /** What it was asked, such as `AAAA site.test`, in lower case. */
  readonly questions: readonly string[];
}

const NO_SUCH_NAME = 3;

/**
 * Starts a DNS server on 127.0.0.1, over UDP.
 *
 * @param names the addresses of each name; a name without an entry does not exist, one with an empty list is never answered
 * @param ttl how long an answer may be kept, in seconds
 */
export async function startNameServer(
  names: Readonly<Record<string, readonly string[]>>,
  ttl = 60,
): Promise<NameServer> {
  const questions: string[] = [];
  const server = new UDPServer((request, send) => {
    const [question] = request.questions;
    if (question === undefined) return;
    const name = question.name.toLowerCase();
    const wantsV6 = question.type === Packet.TYPE.AAAA;
    questions.push(`${wantsV6 ? 'AAAA' : 'A'} ${name}`);
    const addresses = names[name];
    if (addresses?.length === 0) return;
    const response = Packet.createResponseFromRequest(request);
    if (addresses === undefined) response.header.rcode = NO_SUCH_NAME;
    for (const address of addresses ?? []) {
      // A name that has only addresses of the other kind exists, and the list is empty.
      if (address.includes(':') !== wantsV6) continue;
      response.answers.push(Packet.createResourceFromQuestion(question, { ttl, address }));
    }
    // A client that has gone needs no answer.
    send(response).catch(() => {});
  });
  await server.listen(0, '127.0.0.1');
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return {
    address: `127.0.0.1:${server.address().port}`,
    questions,
    close() {
      server.close();
      return closed;
    },
  };
}
