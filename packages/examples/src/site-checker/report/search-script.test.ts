import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { SEARCH_SCRIPT, SEARCH_SCRIPT_SHA256 } from './search-script.ts';

test('the policy names the script as it is', () => {
  expect(createHash('sha256').update(SEARCH_SCRIPT).digest('base64')).toBe(SEARCH_SCRIPT_SHA256);
});
