import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WORKING_VERSIONS } from './codec.ts';

test('the versions of the codec that the error names are those that the package depends on', () => {
  const catalog = readFileSync(new URL('../../../../pnpm-workspace.yaml', import.meta.url), 'utf8');
  const range = /^ {2}undici: (~7\.\d+\.\d+)$/m.exec(catalog)?.[1];
  expect(range).toBeDefined();
  expect(WORKING_VERSIONS).toContain(`(${range})`);
});
