// Whether the host has SELinux: what containers are to use must then be labelled for them (kubelet selinux.GetEnabled).
import { existsSync } from 'node:fs';

export const hasSELinux = (sys = '/sys'): boolean => existsSync(`${sys}/fs/selinux/enforce`);
