import { describe, expect, test } from 'vitest';
import { callerIn } from './stack-frames.ts';

describe('callerIn', () => {
  test("is the first frame of V8's stack that is not the library's nor the platform's", () => {
    const own = new URL('./kernel/scheduler/spawn.ts', import.meta.url).href;
    const stack = `Error: made here\n    at spawn (${own}:55:3)\n    at node:internal/x:1:1\n    at work (file:///home/me/app.ts:10:5)\n    at async file:///home/me/main.ts:2:1`;
    expect(callerIn(stack)).toBe('/home/me/app.ts:10:5');
  });

  test('reads frames without a name, and those of other engines', () => {
    expect(callerIn('Error\n    at /home/me/app.ts:10:5')).toBe('/home/me/app.ts:10:5');
    expect(callerIn('work@http://localhost/app.js:3:9\n@http://localhost/app.js:1:1')).toBe(
      'http://localhost/app.js:3:9',
    );
  });

  test('leaves out what a development server adds to names of files', () => {
    expect(callerIn('Error\n    at work (http://localhost:5173/src/app.ts?t=1700:10:5)')).toBe(
      'http://localhost:5173/src/app.ts:10:5',
    );
  });

  test('is null where no frame is a caller’s', () => {
    expect(callerIn('Error: x')).toBeNull();
  });
});
