// What one try of a probe came to.

/**
 * `message`: why it failed, or could not be run. On success empty, unless the kubelet would warn.
 * `unknown`: it could not be run; counts neither as success nor as failure (prober.probe returns an error).
 */
export type ProbeVerdict = { result: 'success' | 'failure' | 'unknown'; message: string };

/** `again`: another try at once may fare better (runProbeWithRetries: after errors, never after failures). */
export type Attempt = ProbeVerdict & { again: boolean };

export const success = (message = ''): Attempt => ({ result: 'success', message, again: false });
export const failure = (message: string): Attempt => ({ result: 'failure', message, again: false });
export const unknown = (message: string, again = false): Attempt => ({ result: 'unknown', message, again });

export const containerEnded = 'the container has ended';
