// An image reference -> repository, tag and digest, as parsers.ParseImageName reads it (the grammar of
// distribution/reference, with docker.io and library/ filled in). Pure.

export type ImageName = { repository: string; tag?: string; digest?: string };

const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const host = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])`;
const pathPart = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(${host}(?::[0-9]+)?/${pathPart}(?:/${pathPart})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);
const digestLengths: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };

/** undefined for what is no image reference. Without tag and digest, the tag is `latest`. */
export function parseImageName(image: string): ImageName | undefined {
  if (image.length === 64 && /^[a-f0-9]{64}$/.test(image)) return undefined;
  const [, repository, tag, digest] = reference.exec(normalized(image)) ?? [];
  if (repository === undefined || repository.slice(repository.indexOf('/') + 1).length > 255)
    return undefined;
  if (digest !== undefined) {
    const [algorithm = '', hex = ''] = digest.split(':');
    if (digestLengths[algorithm] !== hex.length || hex !== hex.toLowerCase()) return undefined;
  }
  return { repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

function normalized(image: string): string {
  const slash = image.indexOf('/');
  if (slash < 0) return `docker.io/library/${image}`;
  const first = image.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const domain = isDomain ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io';
  const rest = isDomain ? image.slice(slash + 1) : image;
  return `${domain}/${domain === 'docker.io' && !rest.includes('/') ? 'library/' : ''}${rest}`;
}

/** As the engine is asked for it: without tag and digest, `:latest` (kubelet applyDefaultImageTag). */
export function withDefaultTag(image: string): string {
  const { tag, digest } = parseImageName(image) ?? {};
  return tag === undefined || digest !== undefined || image.endsWith(`:${tag}`) ? image : `${image}:${tag}`;
}

/** Always for `:latest`, named or implied; a name that does not parse counts as tagged. */
export function defaultPullPolicy(image: string): string {
  // Most names have another tag, and need no parsing to be seen to have it.
  if (image.lastIndexOf(':') > image.lastIndexOf('/') && !/@|:latest$/.test(image)) return 'IfNotPresent';
  return parseImageName(image)?.tag === 'latest' ? 'Always' : 'IfNotPresent';
}
