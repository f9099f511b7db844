import type { Operation } from '@coloop/core';
import { InvalidOptionError } from '../errors.ts';
import type { Auth, Next, Request } from '../request/request.ts';
import type { Response } from '../response/response.ts';

/**
 * Sends a token with every request.
 *
 * @param token - letters, digits, `-._~+/` and trailing `=`
 * @throws InvalidOptionError for a token with other characters; the message does not repeat it
 * @example
 * ```ts no-run
 * const session = yield* Session.open({ baseUrl: 'https://api.example.com/', auth: new BearerAuth(token) });
 * ```
 *
 * Source: RFC 6750, section 2.1.
 */
export class BearerAuth implements Auth {
  readonly #token: string;

  constructor(token: string) {
    if (typeof token !== 'string' || !B64TOKEN.test(token)) {
      throw new InvalidOptionError(
        `The token of BearerAuth (${typeof token === 'string' ? `${token.length} characters` : typeof token}) is empty or has a character that RFC 6750 does not allow: look for a line break or a "Bearer " prefix in it.`,
      );
    }
    this.#token = token;
  }

  /** The value of the Authorization header. */
  get authorization(): string {
    return `Bearer ${this.#token}`;
  }

  apply(request: Request, next: Next): Operation<Response> {
    return next(request.with({ headers: request.headers.set('Authorization', this.authorization) }));
  }
}

const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
