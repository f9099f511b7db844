import type { Operation } from '@coloop/core';
import { expect, expectTypeOf, test } from 'vitest';
import { Session, type SessionOptions } from './node/session.ts';
import type { RequestOptions } from './request/options.ts';
import { simulate } from './testing/simulation.ts';

interface Query {
  page: number;
  q?: string;
  readonly tags?: readonly string[];
}

interface Login {
  name: string;
  remember: boolean;
}

interface Common {
  'X-Version': string;
  'X-Trace'?: number;
}

test('objects whose type is an interface are params, a form and headers', async () => {
  await simulate(function* (net) {
    net.serve('http://api.test', function* (request) {
      const body = yield* request.text();
      return `${request.target} ${request.headers.get('x-version')} ${body}`;
    });
    const query: Query = { page: 2, tags: ['a', 'b'] };
    const form: Login = { name: 'ada', remember: true };
    const headers: Common = { 'X-Version': '7' };
    const options: RequestOptions = { params: query, form, headers };
    const opened: SessionOptions = { params: query, headers };
    const session = yield* Session.open({ headers });
    expect(yield* session.post('http://api.test/', options).text()).toBe(
      '/?page=2&tags=a&tags=b 7 name=ada&remember=true',
    );
    expect(yield* (yield* Session.open(opened)).get('http://api.test/', { params: query }).text()).toContain('page=2');
  });
});

test('lists that are no pairs are none of these', () => {
  expectTypeOf<string[]>().not.toExtend<RequestOptions['params']>();
  expectTypeOf<string[]>().not.toExtend<RequestOptions['form']>();
  expectTypeOf<string[]>().not.toExtend<RequestOptions['headers']>();
  expectTypeOf<number>().not.toExtend<RequestOptions['params']>();
});

test('the bytes of a response are a part of a Blob', async () => {
  await simulate(function* (net): Operation<void> {
    net.serve('http://api.test', () => 'hello');
    const session = yield* Session.open();
    const blob = new Blob([yield* session.get('http://api.test/').bytes()]);
    expect(blob.size).toBe(5);
    const response = yield* session.get('http://api.test/');
    expectTypeOf(yield* response.bytes()).toExtend<BlobPart>();
  });
});
