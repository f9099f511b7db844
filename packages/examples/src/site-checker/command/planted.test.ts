import { expect, test } from 'vitest';
import { findings, SITE, visit } from '../report/findings.fixture.ts';
import type { Expectation, Fault } from '../world/faults.ts';
import { missedFaults } from './planted.ts';

const fault = (link: string, expected: Expectation): Fault => ({
  what: link,
  page: '/page',
  link,
  behaviour: { kind: 'normal' },
  expected,
});
const broken = (link: string, why: 'status' | 'timeout' | 'fragment') => ({
  page: `${SITE}page`,
  link: SITE + link,
  problem: { why, text: '' },
});

test('a fault that is reported as it is, is found', () => {
  const run = findings({
    visits: [
      visit('/slow', 0, 600),
      visit('/moved', 0, 9, { redirects: 2 }),
      visit('/gone', 0, 9, { status: 404, problem: { why: 'status', text: '' } }),
      visit('/doc', 0, 9),
    ],
    broken: [broken('gone', 'status'), broken('doc#lost', 'fragment')],
  });
  const faults = [
    fault('/slow', { outcome: 'reached', atLeast: 600 }),
    fault('/moved', { outcome: 'reached', redirects: 2 }),
    fault('/gone', { outcome: 'broken', why: 'status', status: 404 }),
    fault('/doc#lost', { outcome: 'broken', why: 'fragment' }),
  ];
  expect(missedFaults(faults, run)).toEqual([]);
});

test('a fault that is overlooked, or reported as something else, is missed', () => {
  const run = findings({
    visits: [
      visit('/slow', 0, 60),
      visit('/moved', 0, 9, { redirects: 1 }),
      visit('/gone', 0, 9, { status: 500, problem: { why: 'status', text: '' } }),
      visit('/silent', 0, 9, { problem: { why: 'status', text: '' } }),
      visit('/fine', 0, 9),
    ],
    broken: [broken('gone', 'status'), broken('silent', 'status'), broken('fine', 'status')],
  });
  const faults = [
    fault('/slow', { outcome: 'reached', atLeast: 600 }),
    fault('/moved', { outcome: 'reached', redirects: 2 }),
    fault('/gone', { outcome: 'broken', why: 'status', status: 404 }),
    fault('/silent', { outcome: 'broken', why: 'timeout' }),
    fault('/fine', { outcome: 'reached' }),
    fault('/never-asked', { outcome: 'broken', why: 'status' }),
  ];
  expect(missedFaults(faults, run)).toEqual(faults);
});
