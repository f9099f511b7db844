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

  test('leaves out the installed packages, whatever the path to them has in it', () => {
    const places = [
      'file:///home/me/my%20app%20%40x/node_modules/@coloop/core/dist/joined/chunk-ABC.js:1:2',
      '/home/me/my app (1)/node_modules/.pnpm/@coloop+http@1.0.0/node_modules/@coloop/http/dist/index.js:1:2',
      'webpack://app/./node_modules/@coloop/core/dist/index.js:1:2',
      'C:\\me\\node_modules\\@coloop\\core\\dist\\index.js:1:2',
      'http://localhost:5173/node_modules/.vite/deps/@coloop_core.js?v=1a2b:1:2',
    ];
    const own = places.map((place) => `    at next (${place})`).join('\n');
    const user = 'file:///home/me/my%20app%20%40x%20(1)/%C3%BC/app.ts:10:5';
    expect(callerIn(`Error\n${own}\n    at work (${user})`)).toBe('/home/me/my app @x (1)/ü/app.ts:10:5');
    expect(callerIn(`Error\n${own}\n    at ${user}`)).toBe('/home/me/my app @x (1)/ü/app.ts:10:5');
    expect(callerIn(`next@${places[0]}\nwork@/home/@me/app.ts:1:2`)).toBe('/home/@me/app.ts:1:2');
  });
});
