// Names of pushed manifests: what may be one, and how each stands among the manifests of the node. Pure.
import { isDNS1123Subdomain } from '../../kubernetes/validate/names.ts';

/** What is wrong with it as a name, if anything. One that is right is also the name of a file, and of no hidden one. */
export const pushNameProblem = (name: string): string | undefined => isDNS1123Subdomain(name)[0];

const prefix = 'push:';

/** `push:web`: no path, and no URL. Part of the Pod's identity. */
export const pushOrigin = (name: string): string => `${prefix}${name}`;

export const pushNameOf = (origin: string): string => origin.slice(prefix.length);
