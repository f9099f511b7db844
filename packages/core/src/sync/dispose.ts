/** The key that `using` calls, also on platforms that do not have it yet: what compilers fall back to there. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
