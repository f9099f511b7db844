/** A DNS server that alone knows the names of the embedded world. */
import { once } from 'node:events';
import { Packet, UDPServer } from 'dns2';

export interface NameServer {
  /** What a resolver is given, such as `127.0.0.1:40123`. */
  readonly address: string;
  /** How many questions were asked. */
  readonly queries: number;
  close(): Promise<void>;
}

const NAME_ERROR = 3;
const TTL_SECONDS = 60;

/** @param names the names it answers for, all with 127.0.0.1; of every other name it says that there is none */
export async function startNameServer(names: readonly string[]): Promise<NameServer> {
  let queries = 0;
  const server = new UDPServer((request, send) => {
    queries++;
    const response = Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    if (question !== undefined && names.includes(question.name.toLowerCase())) {
      // Asked for IPv6, the answer is empty: the name exists and has no such address.
      if (question.type === Packet.TYPE.A) {
        response.answers.push(Packet.createResourceFromQuestion(question, { ttl: TTL_SECONDS, address: '127.0.0.1' }));
      }
    } else {
      response.header.rcode = NAME_ERROR;
    }
    // A client that has gone needs no answer.
    send(response).catch(() => undefined);
  });
  await server.listen(0, '127.0.0.1');
  return {
    address: `127.0.0.1:${server.address().port}`,
    get queries() {
      return queries;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
