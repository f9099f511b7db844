/** The addresses that CSS loads: `url(…)`, `src(…)`, `image-set(…)` and `@import`. */
import { TokenType, tokenizer } from '@csstools/css-tokenizer';

/** Functions in which a string is an address. */
const LOADS: ReadonlySet<string> = new Set(['url', 'src', 'image-set', '-webkit-image-set']);

/**
 * Of a sheet, or of what stands in a `style` attribute, in the order of the text.
 *
 * The name of a namespace looks like an address and is never loaded; one that is only a fragment is a part of the page itself.
 * Source: CSS Syntax 3, 4.3; CSS Values 5 for `src()`, CSS Images 4 for `image-set()`.
 */
export function* addressesOfCss(css: string): Generator<string, void> {
  const functions: string[] = [];
  let rule = '';
  /** A string that has no end makes its declaration mean nothing. */
  let broken = false;
  const tokens = tokenizer({ css });
  for (let token = tokens.nextToken(); token[0] !== TokenType.EOF; token = tokens.nextToken()) {
    let address: string | undefined;
    switch (token[0]) {
      case TokenType.AtKeyword:
        rule = token[4].value.toLowerCase();
        continue;
      case TokenType.Function:
        functions.push(token[4].value.toLowerCase());
        continue;
      case TokenType.OpenParen:
        functions.push('');
        continue;
      case TokenType.CloseParen:
        functions.pop();
        continue;
      case TokenType.Whitespace:
      case TokenType.Comment:
        continue;
      case TokenType.Semicolon:
      case TokenType.OpenCurly:
      case TokenType.CloseCurly:
        rule = '';
        broken = false;
        break;
      case TokenType.BadString:
        broken = true;
        break;
      case TokenType.URL:
        address = token[4].value;
        break;
      case TokenType.String:
        if (LOADS.has(functions.at(-1) ?? '') || (rule === 'import' && functions.length === 0))
          address = token[4].value;
        break;
    }
    if (address !== undefined && rule !== 'namespace' && !broken && !/^\s*(#|$)/.test(address)) yield address;
    // What follows the address of an import are its conditions.
    if (rule === 'import') rule = 'import, read';
  }
}
