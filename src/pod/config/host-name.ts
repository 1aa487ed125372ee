// What a Pod calls itself: its host name, the domain it is in, and the name the kernel is told (kubelet
// GeneratePodHostNameAndDomain, util.GetNodenameForKernel). Pure.
import { fail, ok, type Result } from '../../errors.ts';
import type { Pod } from '../../kubernetes/pod.ts';

/** `domain` is '' without a subdomain; `kernel`: what `hostname` prints. */
export type HostName = { name: string; domain: string; kernel: string };

/** What Linux allows a label of a name. */
const nameLengthMax = 63;
/** What fits into utsname's nodename. */
const kernelLengthMax = 64;

/** SandboxCreateFailed: a whole name that the kernel would not take. */
export function hostNameOf({ metadata, spec }: Pod, clusterDomain: string): Result<HostName> {
  const { hostnameOverride, hostname, subdomain, setHostnameAsFQDN } = spec ?? {};
  // It wins over all the others, and is in no domain; validated to be no longer than the kernel takes.
  if (hostnameOverride !== undefined)
    return ok({ name: hostnameOverride, domain: '', kernel: hostnameOverride });
  const name = truncated(hostname || metadata?.name || '');
  const domain = subdomain ? `${subdomain}.${metadata?.namespace}.svc.${clusterDomain}` : '';
  if (domain === '' || !setHostnameAsFQDN) return ok({ name, domain, kernel: name });
  const kernel = `${name}.${domain}`;
  if (kernel.length > kernelLengthMax)
    return fail(
      'SandboxCreateFailed',
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${kernel} is too long (${kernelLengthMax} characters is the max, ${kernel.length} characters requested)`,
    );
  return ok({ name, domain, kernel });
}

/** truncatePodHostnameIfNeeded: a name that is cut must not end in what was meant to join two parts. */
const truncated = (name: string): string =>
  name.length <= nameLengthMax ? name : name.slice(0, nameLengthMax).replace(/[-.]+$/, '');
