import { run } from '@coloop/core';
import { expect, test } from 'vitest';
import { printed } from '../shared/printed.fixture.ts';
import { tls } from './tls.ts';

test('each way to trust a server is shown, and each refusal', async () => {
  expect(await printed(() => run(tls))).toEqual([
    'by default: ClientSslError, UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ssl: false, for this request: 200 Welcome',
    'the next request, verified again: ClientSslError, UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'a context from a CA file: 200 Welcome',
    'the same, pinned to the right certificate: 200 Welcome',
    'pinned to another one: FingerprintMismatchError, FINGERPRINT_MISMATCH',
    'connections that the server saw: 6; none is shared between different settings',
  ]);
});
