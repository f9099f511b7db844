import { describe, expect, test } from 'vitest';
import { addressOf, Ledger } from './ledger.ts';
import { visit } from './report/findings.fixture.ts';

const PAGE = 'https://site.test/';
const to = (target: string) => new URL(target, PAGE);
const missing = { why: 'status', text: 'answered 404' } as const;

describe('the ledger', () => {
  test('finds a broken link whether the page or its target is known first', () => {
    const ledger = new Ledger();
    ledger.refer(PAGE, to('/gone'));
    ledger.settle(visit('/gone', 0, 1, { problem: missing }), undefined);
    ledger.refer(PAGE, to('/gone#part'));
    expect(ledger.broken.map(({ link }) => link)).toEqual(['https://site.test/gone', 'https://site.test/gone#part']);
    expect(ledger.failures).toBe(1);
  });

  test('checks fragments against the anchors of the page, and only there', () => {
    const ledger = new Ledger();
    ledger.refer(PAGE, to('/doc#intro'));
    ledger.refer(PAGE, to('/doc#lost'));
    ledger.refer(PAGE, to('/doc'));
    ledger.settle(visit('/doc', 0, 1), new Set(['intro']));
    ledger.refer(PAGE, to('/picture.svg#view'));
    ledger.settle(visit('/picture.svg', 0, 1, { kind: 'other' }), undefined);
    expect(ledger.broken).toEqual([
      {
        page: PAGE,
        link: 'https://site.test/doc#lost',
        problem: { why: 'fragment', text: 'no such place on the page' },
      },
    ]);
  });

  test('says nothing of a link whose target was never asked for', () => {
    const ledger = new Ledger();
    ledger.refer(PAGE, to('/later'));
    expect(ledger.broken).toEqual([]);
  });

  test('notes what is no address', () => {
    const ledger = new Ledger();
    ledger.unusable(PAGE, 'https://[');
    expect(ledger.broken).toEqual([{ page: PAGE, link: 'https://[', problem: { why: 'url', text: 'is no address' } }]);
  });
});

test('the address of a link is all but its fragment', () => {
  expect(['/a#b', '/a#', '/a?b#c#d', '/a'].map((target) => addressOf(to(target)))).toEqual([
    'https://site.test/a',
    'https://site.test/a',
    'https://site.test/a?b',
    'https://site.test/a',
  ]);
});
