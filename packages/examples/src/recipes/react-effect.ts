import { attempt, createScope, type Operation } from '@coloop/core';
import { useEffect, useState } from 'react';

/** What a component shows of its operation. */
export type Loaded<T> = { status: 'loading' } | { status: 'loaded'; value: T } | { status: 'failed'; error: unknown };

/** Runs an operation while a component is mounted: it is cancelled when the component leaves or asks for something else. */
export function useOperation<T>(load: (id: string) => Operation<T>, id: string): Loaded<T> {
  const [state, setState] = useState<Loaded<T>>({ status: 'loading' });
  useEffect(() => {
    const scope = createScope({ name: `useOperation(${id})` });
    setState({ status: 'loading' });
    void scope.run(function* () {
      const tried = yield* attempt(load(id));
      setState(tried.ok ? { status: 'loaded', value: tried.value } : { status: 'failed', error: tried.error });
    });
    return () => void scope.close();
  }, [load, id]);
  return state;
}
