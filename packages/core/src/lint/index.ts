/** The door `@coloop/core/lint`: a plugin for ESLint. */
import { yieldOperation } from './yield-operation.ts';

const base = { meta: { name: '@coloop/core/lint' }, rules: { 'yield-operation': yieldOperation } };

/**
 * A plugin for ESLint's flat configuration, with the rule `coloop/yield-operation`: a call that makes an operation needs
 * `yield*` before it.
 *
 * It knows the words of the library and the generator functions of the same file; with types, as from typescript-eslint's
 * `parserOptions: { projectService: true }`, it knows every call that returns an operation.
 *
 * @example
 * ```ts no-run
 * import coloop from '@coloop/core/lint';
 *
 * export default [coloop.configs.recommended];
 * ```
 */
const plugin = {
  ...base,
  configs: {
    recommended: {
      name: 'coloop/recommended',
      plugins: { coloop: base },
      rules: { 'coloop/yield-operation': 'error' },
    },
  },
} as const;

export default plugin;
