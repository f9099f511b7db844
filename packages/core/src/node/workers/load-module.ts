import { packError } from '../../workers/packed-error.ts';
import { type Report, UNLOADED } from '../../workers/protocol.ts';

/** The module, or null when it could not be loaded, which is then reported. */
export async function loadModule(
  url: string,
  post: (reports: readonly Report[]) => void,
): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    // With primitives only: nothing of it can keep the report from being sent.
    post([[UNLOADED, packError(error, true)]]);
    return null;
  }
}
