import { Resolver } from 'node:dns/promises';
import { expect, test } from 'vitest';
import { serveDns } from './vitest.ts';

test('a name server knows the names it was given, and writes down what it was asked', async () => {
  const server = await serveDns({ 'site.test': ['127.0.0.1', '::1'], 'four.test': ['10.0.0.1'] }, 5);
  const resolver = new Resolver();
  resolver.setServers([server.address]);
  expect(await resolver.resolve4('SITE.test', { ttl: true })).toEqual([{ address: '127.0.0.1', ttl: 5 }]);
  expect(await resolver.resolve6('site.test')).toEqual(['::1']);
  await expect(resolver.resolve6('four.test')).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver.resolve4('other.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(server.questions).toEqual(['A site.test', 'AAAA site.test', 'AAAA four.test', 'A other.test']);
});

test('a name with an empty list is never answered', async () => {
  const server = await serveDns({ 'silent.test': [] });
  const resolver = new Resolver({ timeout: 20, tries: 1 });
  resolver.setServers([server.address]);
  await expect(resolver.resolve4('silent.test')).rejects.toMatchObject({ code: 'ETIMEOUT' });
});
