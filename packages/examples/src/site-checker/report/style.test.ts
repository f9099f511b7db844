import { describe, expect, test } from 'vitest';
import { contrast } from './contrast.fixture.ts';
import { STYLE } from './style.ts';

const palettes = [...STYLE.matchAll(/:root\{([^}]*)\}/g)].map(([, text = '']) =>
  Object.fromEntries([...text.matchAll(/--(\w+):(#\w+)/g)].map(([, name = '', color = '']) => [name, color])),
);

describe.each([
  ['light', palettes[0]],
  ['dark', palettes[1]],
])('in %s', (_, palette = {}) => {
  test.each(['ink', 'soft', 'link', 'broken', 'fine'])('%s can be read on both grounds', (name) => {
    expect(contrast(palette[name] ?? '', palette.card ?? '')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette[name] ?? '', palette.ground ?? '')).toBeGreaterThanOrEqual(4.5);
  });

  // WCAG 2.2, 1.4.11: 3 is enough for parts of a picture.
  test.each(['fine', 'redirected', 'slow', 'broken'])('a bar that is %s stands out', (name) => {
    expect(contrast(palette[name] ?? '', palette.card ?? '')).toBeGreaterThanOrEqual(3);
  });
});
