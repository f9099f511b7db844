import { run } from '@coloop/core';
import { describe, expect, test } from 'vitest';
import { BasicAuth } from '../auth/basic.ts';
import { DigestAuth } from '../auth/digest.ts';
import { FakeNext, FakeResponse, fakeRequest } from '../fixtures/requests.ts';
import { BufferedBody } from '../request/body/buffered.ts';
import { takeStream } from '../request/body/owned-stream.ts';
import { StreamedBody } from '../request/body/streamed.ts';
import { authenticate } from './auth.ts';
import { raiseForStatus } from './raise-for-status.ts';

const url = 'https://example.com/secret';
const challenge = (): FakeResponse =>
  new FakeResponse(401, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' });

describe('authenticate', () => {
  test('sends credentials where the request has some, and never over a header of the caller', async () => {
    const fake = new FakeNext(new FakeResponse(200), new FakeResponse(200), new FakeResponse(200));
    const auth = new BasicAuth('u', 'p');
    await run(() => authenticate(fakeRequest(url, { auth }), fake.next));
    await run(() => authenticate(fakeRequest(url), fake.next));
    await run(() => authenticate(fakeRequest(url, { auth, headers: { authorization: 'own' } }), fake.next));
    expect(fake.requests.map(({ headers }) => headers.get('authorization'))).toEqual(['Basic dTpw', undefined, 'own']);
  });

  test('answers a challenge, repeats the body, and releases the response with it', async () => {
    const first = challenge();
    const fake = new FakeNext(first, new FakeResponse(200));
    const body = new BufferedBody(Buffer.from('x'), 'text/plain');
    const response = await run(() =>
      authenticate(fakeRequest(url, { method: 'POST', body, auth: new DigestAuth('u', 'p') }), fake.next),
    );
    expect([response.status, first.releases]).toEqual([200, 1]);
    expect(fake.requests.map(({ headers }) => headers.get('authorization')?.slice(0, 19))).toEqual([
      undefined,
      'Digest username="u"',
    ]);
    expect(fake.requests[1]?.body).toBe(body);
  });

  test('hands the refusal out when the credentials are wrong', async () => {
    const fake = new FakeNext(challenge(), challenge());
    const response = await run(() => authenticate(fakeRequest(url, { auth: new DigestAuth('u', 'wrong') }), fake.next));
    expect(response.status).toBe(401);
  });

  test('says what to do when the body was a stream that cannot be sent again', async () => {
    async function* stream(): AsyncGenerator<string> {
      yield 'x';
    }
    const first = challenge();
    const request = fakeRequest(url, {
      method: 'POST',
      body: new StreamedBody(takeStream(stream())),
      auth: new DigestAuth('u', 'p'),
    });
    await expect(run(() => authenticate(request, new FakeNext(first).next))).rejects.toThrow(
      /give the body as a function/,
    );
    expect(first.releases).toBe(1);
  });
});

describe('raiseForStatus', () => {
  test('throws for 400 and above if it is asked for, and releases the response', async () => {
    const asked = fakeRequest(url, { options: { raiseForStatus: true } });
    const missing = new FakeResponse(404);
    await expect(run(() => raiseForStatus(asked, new FakeNext(missing).next))).rejects.toMatchObject({ status: 404 });
    expect(missing.releases).toBe(1);
    expect((await run(() => raiseForStatus(asked, new FakeNext(new FakeResponse(304)).next))).status).toBe(304);
    expect((await run(() => raiseForStatus(fakeRequest(url), new FakeNext(new FakeResponse(500)).next))).status).toBe(
      500,
    );
  });
});
