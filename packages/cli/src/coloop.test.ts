import { expect, test } from 'vitest';
import { type } from './fixtures/programs.ts';

test('coloop help lists the commands', async () => {
  const { code, out } = await type('help');
  expect(code).toBe(0);
  expect(out).toContain('coloop ps PID');
  expect(out).toContain('coloop dump PID');
});

test('without a command the list is on stderr, and an unknown one is named', async () => {
  expect(await type()).toMatchObject({ code: 2, out: '', err: expect.stringContaining('coloop ps PID') });
  expect(await type('pz', '1')).toMatchObject({
    code: 2,
    err: 'There is no command pz. Type `coloop help` for a list.\n',
  });
});
