// Real time: what the platform trusts is decided when a process starts, so each case is a process.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { CA, makeFolder } from '@coloop/test-servers';
import { serveTls } from '@coloop/test-servers/vitest';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../../..');
const otherCa = rootCertificates[0] as string;

/** Asks with the platform's authorities alone, and with another one beside them; then without those of the platform. */
const program = `
import { attempt, run } from '@coloop/core';
import { Session } from '@coloop/http';
const { url, otherCa } = JSON.parse(process.env.COLOOP_TEST);
for (const ssl of [undefined, { ca: otherCa }, { ca: otherCa, systemRoots: false }]) {
  const tried = await run(function* () {
    const session = yield* Session.open({ ssl });
    return yield* attempt(session.get(url));
  });
  console.log(tried.ok ? tried.value.status : tried.error.code);
}
`;

async function askIn(url: string, flags: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const args = ['--import', 'tsx', '--conditions=@coloop/source', ...flags, '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(root, 'packages/http'),
    env: { ...process.env, NODE_OPTIONS: '', COLOOP_TEST: JSON.stringify({ url, otherCa }), ...env },
  });
  return stdout.trim().split('\n');
}

// --use-system-ca came with Node 22.15.
const flags = ['--use-openssl-ca', '--use-system-ca'].filter((flag) => process.allowedNodeEnvironmentFlags.has(flag));
const ways: readonly (readonly [string, readonly string[], string])[] = [
  ['NODE_EXTRA_CA_CERTS', [], 'NODE_EXTRA_CA_CERTS'],
  ...flags.map((flag) => [flag, [flag], 'SSL_CERT_FILE'] as const),
];

test.each(ways)(
  'an authority of one’s own is beside those of %s',
  async (_, used, variable) => {
    const server = await serveTls((_request, response) => response.end());
    const folder = await makeFolder({ 'company.pem': CA });
    try {
      const trusted = await askIn(server.url, used, { [variable]: join(folder.path, 'company.pem') });
      expect(trusted).toEqual(['200', '200', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']);
    } finally {
      await folder.close();
    }
  },
  60_000,
);
