import { sleep } from '@coloop/core';
import { transfer } from '@coloop/core/node';
import * as jobs from './jobs.mjs';

export const { empty, compute } = jobs;
export const nap = (ms) => sleep(ms);
export const bounce = (bytes) => transfer(jobs.touch(bytes));
