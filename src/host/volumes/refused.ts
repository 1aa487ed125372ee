// How a volume that cannot be had is refused: FailedMount in the Pod's status, tried again by its own back-off.
import { fail, messageOf } from '../../errors.ts';

export const refused = (volume: string, message: string, cause?: unknown) =>
  fail(
    'HostPreparationFailed',
    `volume "${volume}": ${message}`,
    cause === undefined ? undefined : messageOf(cause),
  );
