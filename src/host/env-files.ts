// The values that a container's environment takes from files of its Pod's volumes (fileKeyRef), read when the container is
// made, after the init containers that write them. Runs in the Pod's thread.
import { fail, messageOf, ok, type Result } from '../errors.ts';
import { envFileValue } from '../kubernetes/env-file.ts';
import type { V1FileKeySelector } from '../kubernetes/generated/shapes.ts';
import { goQuote } from '../kubernetes/go-quote.ts';
import type { Container, Pod } from '../kubernetes/pod.ts';
import { close, fstat, read } from './files.ts';
import { openWithin } from './open-within.ts';
import { hostPathOf } from './volumes/volumes.ts';

/** More than any environment can hold: the file is a container's, and may be of any size. */
const fileBytesMax = 2 ** 20;

/**
 * By the reference itself; one that is optional and not there is missing. An empty value counts as none, as with the
 * kubelet (makeEnvironmentVariables). ContainerConfigInvalid.
 */
export async function readFileKeys(
  rootDir: string,
  uid: string,
  pod: Pod,
  { env = [] }: Container,
): Promise<Result<ReadonlyMap<V1FileKeySelector, string>>> {
  const values = new Map<V1FileKeySelector, string>();
  for (const { name, valueFrom } of env) {
    const reference = valueFrom?.fileKeyRef;
    if (!reference) continue;
    const found = await valueIn(rootDir, uid, pod, reference);
    if ('problem' in found)
      return fail('ContainerConfigInvalid', `environment variable ${name}: ${found.problem}`);
    if (found.value !== '') values.set(reference, found.value);
  }
  return ok(values);
}

async function valueIn(
  rootDir: string,
  uid: string,
  pod: Pod,
  { volumeName, path, key, optional = false }: V1FileKeySelector,
): Promise<{ value: string } | { problem: string }> {
  const volume = pod.spec?.volumes?.find(({ name }) => name === volumeName);
  const root = volume?.emptyDir && hostPathOf(rootDir, uid, volume);
  if (root === undefined)
    return { problem: `cannot find the volume ${goQuote(volumeName)} referenced by FileKeyRef` };
  let text: string;
  try {
    text = await readText(root, path);
  } catch (error) {
    // The API says that an optional file need not be there; the kubelet asks that of the key alone.
    if (optional && (error as NodeJS.ErrnoException).code === 'ENOENT') return { value: '' };
    return { problem: `couldn't parse env file ${goQuote(`${root}/${path}`)}: ${why(error)}` };
  }
  const found = envFileValue(text, key);
  if ('problem' in found) return { problem: `couldn't parse env file: ${found.problem}` };
  if (found.value !== '' || optional) return found;
  return {
    problem: `environment variable key ${goQuote(key)} not found in file ${goQuote(`${root}/${path}`)}`,
  };
}

/** Without the path by which it was opened: that is of this moment, and says nothing to a person. */
const why = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'no such file'
    : messageOf(error).replace(/, \w+ '.*'$/s, '');

async function readText(root: string, path: string): Promise<string> {
  const file = await openWithin(root, path);
  try {
    const { size } = await fstat(file);
    if (size > fileBytesMax) throw new Error(`it is larger than ${fileBytesMax} bytes`);
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await read(file, bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.toString('utf8', 0, filled);
  } finally {
    await close(file);
  }
}
