import { ClientPayloadError } from '../errors.ts';

/** The error of a task that asks for a body which another one is reading. */
export function bodyBusy(): ClientPayloadError {
  return new ClientPayloadError(
    'The body is being read by another task: let one task read it piece by piece, or give all of them bytes() or text().',
    { code: 'BODY_BUSY' },
  );
}

/** The error of a task whose read was ended because another one let go of the body. */
export function bodyReleased(): ClientPayloadError {
  return new ClientPayloadError('The body was let go of while it was being read.', { code: 'RELEASED' });
}
