/** The shape of everything that gives many values; it lives in the kernel so that every room can give one. */
export type { Source } from '../kernel/operation/source.ts';
