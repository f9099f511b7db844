import { move } from 'tinypool';
import * as jobs from './jobs.mjs';

export const { empty, nap, compute } = jobs;
export const bounce = (bytes) => move(jobs.touch(bytes));
