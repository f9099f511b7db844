import { expect, test } from 'vitest';
import { markup } from './markup.ts';

test('what is put into a template is escaped, what a template made is not', () => {
  const inner = markup`<b>${'<&>"\''}</b>`;
  expect(String(markup`<p title="${'"x"'}">${inner}</p>`)).toBe(
    '<p title="&quot;x&quot;"><b>&lt;&amp;&gt;&quot;&#39;</b></p>',
  );
});

test('lists are joined, nothing stays nothing', () => {
  expect(String(markup`${[1, [markup`<i>`, 'a']]}${undefined}${false}`)).toBe('1<i>a');
});

test('characters that no HTML may hold are replaced', () => {
  expect(String(markup`${'a\u{0}b\u{85}c\nd'}`)).toBe('a\u{fffd}b\u{fffd}c\nd');
});
