// Projected volumes (validateProjectedVolumeSource, validateProjectionSources).
import type { FieldPath } from '../field-path.ts';
import type {
  V1ClusterTrustBundleProjection,
  V1PodCertificateProjection,
  V1ServiceAccountTokenProjection,
  V1VolumeProjection,
} from '../generated/shapes.ts';
import { validateNonReservedPath } from './local-path.ts';
import { validateAnnotationsSize } from './metadata.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from './names.ts';
import type { RuleErrors } from './rule-errors.ts';
import { validateLabelSelector } from './selector.ts';
import type { SourceRule } from './source-rule.ts';
import { validateDownwardFile, validateItems, validateMode } from './volume-local.ts';

export const validateProjected: SourceRule = ({ projected }, path, errors) => {
  validateMode(projected?.defaultMode, path.child('defaultMode'), errors);
  const paths = new Set<string>();
  for (const [index, source] of (projected?.sources ?? []).entries()) {
    const at = path.child('sources').index(index);
    const claim = (file: string) => {
      if (paths.has(file)) errors.invalid(path, file, 'conflicting duplicate paths', at);
      paths.add(file);
    };
    validateProjection(source, path, at, claim, errors);
    if (Object.values(source).filter((given) => given !== undefined).length > 1)
      errors.forbidden(at, 'may not have more than one source');
  }
};

function validateProjection(
  source: V1VolumeProjection,
  path: FieldPath,
  at: FieldPath,
  claim: (file: string) => void,
  errors: RuleErrors,
): void {
  for (const kind of ['secret', 'configMap'] as const) {
    const named = source[kind];
    if (!named) continue;
    if (!named.name) errors.required(at.child(kind, 'name'));
    validateItems(named.items, at.child(kind, 'items'), errors, claim);
  }
  for (const [index, file] of (source.downwardAPI?.items ?? []).entries()) {
    const field = at.child('downwardAPI');
    validateDownwardFile(file, field, field.child('items').index(index), errors);
    if (file.path !== '') claim(file.path);
  }
  if (source.serviceAccountToken)
    validateToken(source.serviceAccountToken, path, at.child('serviceAccountToken'), errors);
  if (source.clusterTrustBundle) {
    validateTrustBundle(source.clusterTrustBundle, at.child('clusterTrustBundle'), errors);
    claim(source.clusterTrustBundle.path);
  }
  if (source.podCertificate)
    validateCertificate(source.podCertificate, at.child('podCertificate'), claim, errors);
}

function validateToken(
  token: V1ServiceAccountTokenProjection,
  path: FieldPath,
  at: FieldPath,
  errors: RuleErrors,
) {
  const seconds = token.expirationSeconds ?? 0;
  const field = at.child('expirationSeconds');
  if (seconds < 600) errors.invalid(field, seconds, 'must be at least 10 minutes (600)');
  if (seconds > 2 ** 32) errors.invalid(field, seconds, 'must be at most 2^32 seconds');
  if (token.path === '') errors.required(path.child('path'), 'must be given', at);
  else validateNonReservedPath(token.path, path.child('path'), errors, at.child('path'));
}

function validateTrustBundle(
  bundle: V1ClusterTrustBundleProjection,
  at: FieldPath,
  errors: RuleErrors,
): void {
  const { name, signerName, path: file } = bundle;
  if (name !== undefined && signerName !== undefined)
    errors.invalid(at, undefined, 'may have only one of name and signerName');
  else if (name !== undefined) {
    if (name === '') errors.required(at.child('name'));
    errors.invalidFor(trustBundleNameProblems(name), at.child('name'), name);
    if (bundle.labelSelector)
      errors.invalid(at.child('labelSelector'), undefined, 'may not be given beside name');
  } else if (signerName !== undefined) {
    if (signerName === '') errors.required(at.child('signerName'));
    validateSignerName(signerName, at.child('signerName'), errors);
    validateLabelSelector(bundle.labelSelector, at.child('labelSelector'), errors);
  } else errors.required(at, 'must have one of name and signerName');
  if (file === '') errors.required(at.child('path'));
  validateNonReservedPath(file, at.child('path'), errors);
}

const domainLengthMax = 253;
/** Such a domain, '/', a label of 63, '.' and such a domain again. */
const signerNameLengthMax = 571;

/** ValidateSignerName: `domain.example/path`. */
function validateSignerName(name: string, field: FieldPath, errors: RuleErrors): void {
  if (name === '') return errors.required(field, 'must be given, as example.com/signer-name');
  const [domain = '', path, ...more] = name.split('/');
  if (path === undefined || more.length > 0)
    return errors.invalid(
      field,
      name,
      "must be a fully qualified domain and path (as 'example.com/signer-name')",
    );
  if (domain.length > domainLengthMax)
    errors.tooLong(field, `its domain must be no more than ${domainLengthMax} characters`);
  errors.invalidFor(firstProblems(domain, isDNS1123Label), field, name);
  if (!domain.includes('.')) errors.invalid(field, name, 'must have a domain of at least two segments');
  errors.invalidFor(firstProblems(path, isDNS1123Subdomain), field, name);
  if (name.length > signerNameLengthMax)
    errors.tooLong(field, `must be no more than ${signerNameLengthMax} characters`);
}

/** Of the first of its segments that has any. */
function firstProblems(text: string, problemsOf: (segment: string) => string[]): string[] {
  for (const segment of text.split('.')) {
    const problems = problemsOf(segment).map(
      (problem) => `its segment ${JSON.stringify(segment)} ${problem}`,
    );
    if (problems.length > 0) return problems;
  }
  return [];
}

/** ValidateClusterTrustBundleName: `name`, or `signer.example.com:signer-name:name`. */
function trustBundleNameProblems(name: string): string[] {
  const signer = name.slice(0, Math.max(name.lastIndexOf(':'), 0));
  if (signer.includes('/')) return ["must have ':' where its signer's name has '/'"];
  if (name.startsWith(':') && signer === '') return ["must not have ':' without a signer's name"];
  return isDNS1123Subdomain(name.slice(name.lastIndexOf(':') + 1));
}

const daySeconds = 86400;
/** IsKubernetesSignerName: its certificates live a day at most. */
const isKubernetesSigner = (name: string) => /(^|\.)kubernetes\.io$/.test(name.split('/', 1)[0] ?? '');

const keyTypes = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096'];

/** ValidateUserAnnotations: as those of an object, and each of somebody's domain. */
function validateUserAnnotations(
  annotations: Record<string, string> | undefined,
  path: FieldPath,
  errors: RuleErrors,
): void {
  for (const key of Object.keys(annotations ?? {})) {
    const problems = isQualifiedName(key.toLowerCase());
    if (key === '') errors.required(path, 'an annotation must have a name', path.key(key));
    else if (problems.length > 0) errors.invalidFor(problems, path, key, path.key(key));
    else if (!key.includes('/'))
      errors.invalid(path, key, "must begin with a domain (as 'example.com/name')", path.key(key));
  }
  validateAnnotationsSize(annotations, path, errors);
}

function validateCertificate(
  certificate: V1PodCertificateProjection,
  at: FieldPath,
  claim: (file: string) => void,
  errors: RuleErrors,
): void {
  const { keyType, signerName, maxExpirationSeconds: seconds } = certificate;
  validateSignerName(signerName, at.child('signerName'), errors);
  validateUserAnnotations(certificate.userAnnotations, at.child('userAnnotations'), errors);
  if (!keyTypes.includes(keyType)) errors.unsupported(at.child('keyType'), keyType, keyTypes);
  const secondsMax = isKubernetesSigner(signerName) ? daySeconds : 91 * daySeconds;
  if (seconds !== undefined && (seconds < 3600 || seconds > secondsMax))
    errors.invalid(
      at.child('maxExpirationSeconds'),
      seconds,
      `must be between 3600 (1 hour) and ${secondsMax} (${secondsMax / daySeconds} days)`,
    );
  const files = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const;
  for (const name of files) {
    const file = certificate[name] ?? '';
    if (file === '') continue;
    validateNonReservedPath(file, at.child(name), errors);
    claim(file);
  }
  if (files.every((name) => !certificate[name]))
    errors.required(at, 'must have credentialBundlePath, or keyPath and certificateChainPath');
}
