import { show } from '@coloop/core/lowlevel';
import { encode } from './encode.ts';

/** The reason of a cancel as text: what cannot travel is described. */
export function encodeReason(reason: unknown): string {
  try {
    return encode(reason, 'the reason');
  } catch {
    return encode(show(reason), 'the reason');
  }
}
