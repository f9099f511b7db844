import { describe, expect, test } from 'vitest';
import { Anchors } from '../addresses/anchors.ts';
import { visit } from '../report/findings.fixture.ts';
import { addressOf } from './address.ts';
import { Ledger } from './ledger.ts';

const PAGE = 'https://site.test/';
const to = (target: string, navigates = true) => ({ url: new URL(target, PAGE), navigates });
const missing = { why: 'status', text: 'answered 404' } as const;

describe('the ledger', () => {
  test('finds a broken link whether the page or its target is known first', () => {
    const ledger = new Ledger();
    ledger.refer(PAGE, to('/gone'));
    ledger.settle(visit('/gone', 0, 1, { problem: missing }));
    ledger.refer(PAGE, to('/gone#part'));
    expect(ledger.broken.map(({ link }) => link)).toEqual(['https://site.test/gone', 'https://site.test/gone#part']);
    expect(ledger.failures).toBe(1);
  });

  test('checks fragments against the anchors of the page, and only there', () => {
    const ledger = new Ledger();
    ledger.refer(PAGE, to('/doc#intro'));
    ledger.refer(PAGE, to('/doc#lost'));
    ledger.refer(PAGE, to('/doc'));
    ledger.settle(visit('/doc', 0, 1), Anchors.of(['intro']));
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

  test('does not look for a place where nobody sees it', () => {
    const ledger = new Ledger();
    ledger.settle(visit('/doc', 0, 1), Anchors.of(['intro']));
    ledger.refer(PAGE, to('/doc#lost', false));
    expect(ledger.broken).toEqual([]);
  });

  test('tells every redirect what stands at its end, whenever that is known', () => {
    const ledger = new Ledger();
    ledger.refer(PAGE, to('/a#lost'));
    ledger.move(visit('/a', 0, 1, { status: 301 }), to('/b').url);
    ledger.move(visit('/b', 1, 2, { status: 302 }), to('/c#intro').url);
    expect(ledger.visits).toEqual([]);
    ledger.settle(visit('/c', 2, 3), Anchors.of(['intro']));
    expect(ledger.broken).toEqual([]);
    expect(ledger.visits.map(({ url, redirects }) => [url.slice(-1), redirects])).toEqual([
      ['c', 0],
      ['b', 1],
      ['a', 2],
    ]);
    ledger.move(visit('/d', 0, 1), to('/c#lost').url);
    ledger.refer(PAGE, to('/d'));
    expect(ledger.broken).toHaveLength(1);
  });

  test('forgets what an address answered when it is asked again', () => {
    const ledger = new Ledger();
    ledger.move(visit('/a', 0, 1), to('/b').url);
    expect(ledger.closesCircle('https://site.test/b', 'https://site.test/a')).toBe(true);
    ledger.forget('https://site.test/a');
    expect(ledger.closesCircle('https://site.test/b', 'https://site.test/a')).toBe(false);
    ledger.refer(PAGE, to('/a'));
    ledger.settle(visit('/b', 1, 2, { problem: missing }));
    ledger.settle(visit('/a', 1, 2));
    expect(ledger.broken).toEqual([]);
  });

  test('tells at the end of redirects that lead where nobody went', () => {
    const ledger = new Ledger();
    ledger.move(visit('/a', 0, 1), to('/b').url);
    ledger.finish();
    expect(ledger.visits).toHaveLength(1);
  });

  test('says nothing of a link whose target was never asked for', () => {
    const ledger = new Ledger();
    ledger.refer(PAGE, to('/later'));
    expect(ledger.broken).toEqual([]);
  });

  test('notes what is not an address', () => {
    const ledger = new Ledger();
    ledger.unusable(PAGE, 'https://[', 'is no address');
    expect(ledger.broken).toEqual([{ page: PAGE, link: 'https://[', problem: { why: 'url', text: 'is no address' } }]);
  });
});

test('the address of a link is all but its fragment', () => {
  expect(['/a#b', '/a#', '/a?b#c#d', '/a'].map((target) => addressOf(to(target).url))).toEqual([
    'https://site.test/a',
    'https://site.test/a',
    'https://site.test/a?b',
    'https://site.test/a',
  ]);
});
