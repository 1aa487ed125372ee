// How the kubelet says what is wrong with an image (images/image_manager.go). Pure.
import type { Failure } from '../errors.ts';

export const invalidName = (image: string): Failure => ({
  code: 'ImageNameInvalid',
  message: `Failed to apply default image tag ${q(image)}: couldn't parse image name ${q(image)}: ${why(image)}`,
});

export const neverPull = (image: string): Failure => ({
  code: 'ImageNeverPull',
  message: `Container image ${q(image)} is not present with pull policy of Never`,
});

export const inspect = (image: string, words: string): Failure => ({
  code: 'ImageInspectFailed',
  message: `Failed to inspect image ${q(image)}: ${words}`,
});

export const pull = (
  code: 'ImagePullFailed' | 'RegistryUnavailable',
  image: string,
  words: string,
): Failure => ({
  code,
  message:
    code === 'RegistryUnavailable'
      ? `image pull failed for ${image} because the registry is unavailable: ${words}`
      : `failed to pull image ${q(image)}: ${words}`,
});

/** utilerrors.NewAggregate: each message once. */
export function aggregate(failures: Failure[]): Failure | undefined {
  const [first] = failures;
  const messages = [...new Set(failures.map(({ message }) => message))];
  if (!first || messages.length === 1) return first;
  return { code: 'ImagePullFailed', message: `[${messages.join(', ')}]` };
}

const q = (image: string): string => JSON.stringify(image);

/** distribution/reference's words. */
function why(image: string): string {
  if (/^[a-f0-9]{64}$/.test(image))
    return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`;
  const [name = ''] = image.split(/[@]|:(?=[^/]*$)/);
  const path =
    name.includes('/') && /^[^/]*[.:]|^localhost\//.test(name) ? name.slice(name.indexOf('/') + 1) : name;
  if (/^[\w./-]+$/.test(path) && path !== path.toLowerCase())
    return `invalid reference format: repository name (${path.includes('/') ? path : `library/${path}`}) must be lowercase`;
  return 'invalid reference format';
}
