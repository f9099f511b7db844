/** Chance that a seed decides, the same on every engine. */
import { show } from '../kernel/operation/options.ts';

/** A seed is any finite number. */
export function checkSeed(what: string, seed: unknown): number {
  if (typeof seed === 'number' && Number.isFinite(seed)) return seed;
  throw new TypeError(`${what} takes a finite number as seed, not ${show(seed)}.`);
}

/** Random numbers that a seed decides: xoshiro128** (Blackman and Vigna, 2018), 32-bit integers only, so that every engine gives the same. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param stream tells sequences of one seed apart that have to have nothing to do with each other */
  constructor(seed: number, stream = 0) {
    // Seeds that differ in one bit, or by a fraction, must not give related sequences: each word is mixed from all of them.
    const low = seed | 0;
    const high = Math.trunc(seed / 2 ** 32) | 0;
    const fraction = Math.trunc((seed - Math.trunc(seed)) * 2 ** 32) | 0;
    let state = mix(low) ^ mix(high + 1) ^ mix(fraction + 2) ^ mix(stream);
    const word = (): number => {
      state = (state + 0x9e3779b9) | 0;
      return mix(state);
    };
    this.#a = word();
    this.#b = word();
    this.#c = word();
    this.#d = word() | 1; // never all zero
  }

  /** A whole number from 0 up to 2^32. */
  uint32(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** A number from 0 up to 1, with all the digits a number has. */
  next(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  /** A whole number from 0 up to `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** Fills `bytes` and returns it. */
  fill(bytes: Uint8Array): Uint8Array {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.uint32() >>> 24;
    return bytes;
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** The finisher of MurmurHash3: every bit of the input reaches every bit of the result. */
function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
