import { ClientPayloadError } from './errors.ts';

/** The error of a task that asks for a body which another one is reading. */
export function bodyBusy(): ClientPayloadError {
  return new ClientPayloadError(
    'The body is being read by another task: let one task read it piece by piece, or give all of them bytes() or text().',
    { code: 'BODY_BUSY' },
  );
}
