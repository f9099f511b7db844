import { currentTask, type Operation } from '@coloop/core';
import { addRelease, type Scope } from '@coloop/core/lowlevel';
import { type HandedIn, handedIn, passOn } from '../request/body/handed-in.ts';
import type { RequestOptions } from '../request/options.ts';
import type { Response } from '../response/response.ts';
import { CurrentScheduler, type SchedulerView } from '../waits.ts';
import type { BaseSession } from './base.ts';
import { makesRequests, type RequestOperation } from './request-operation.ts';

/** The options of a request, and its method. */
export type FetchOptions = RequestOptions & { readonly method?: string | undefined };

/** One session per root scope, or per scope that stands for it; it is closed with that scope. */
const sessions = new WeakMap<Scope, BaseSession>();

/**
 * Sends one request by the session of the outermost scope.
 *
 * @param make - opens that session, if there is none yet
 * @param within - the scope that takes the place of the outermost one, if there is one
 */
export function fetchOnce(...args: Parameters<typeof fetching>): RequestOperation {
  return fetching(...args) as RequestOperation;
}

makesRequests(fetching);

function* fetching(
  url: string | URL,
  options: FetchOptions,
  make: (scheduler: SchedulerView, root: Scope) => BaseSession,
  within: () => Scope | undefined = nowhere,
  // At the call, as for any request.
  handed: HandedIn | null = handedIn(options),
): Operation<Response> {
  try {
    const { method, rest } = withoutMethod(options);
    const root = within() ?? rootScope();
    let session = sessions.get(root);
    if (session === undefined || session.closed) {
      const opened = make(yield* new CurrentScheduler(), root);
      addRelease(root, () => opened.close());
      sessions.set(root, opened);
      session = opened;
    }
    return yield* session.request(method ?? 'GET', url, passOn(handed, rest));
  } finally {
    if (handed !== null) yield* handed.close();
  }
}

/** What the session refuses as options stays as it is. */
function withoutMethod(options: FetchOptions): { readonly method: string | undefined; readonly rest: RequestOptions } {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return { method: undefined, rest: options };
  }
  const { method, ...rest } = Object.hasOwn(options, 'method') ? options : { ...options, method: undefined };
  return { method, rest };
}

/** The outermost task: what `run` or `createScope` has begun. */
function rootScope(): Scope {
  let task = currentTask();
  while (task.owner !== null) task = task.owner.runner as unknown as typeof task;
  return task;
}

function nowhere(): undefined {
  return undefined;
}
