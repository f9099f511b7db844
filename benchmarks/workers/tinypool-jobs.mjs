import { Tinypool } from 'tinypool';
import * as jobs from './jobs.mjs';

export const { empty, nap, compute } = jobs;
export const bounce = (bytes) => Tinypool.move(jobs.touch(bytes));
