// Whether an IP address can be reached from this machine only. Pure.
import { BlockList, isIPv6 } from 'node:net';

const loopbackAddresses = new BlockList();
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
loopbackAddresses.addAddress('::1', 'ipv6');

/** True for 127.0.0.0/8, ::1, and the former written as IPv6 (::ffff:127.0.0.1). */
export const loopback = (ip: string): boolean => loopbackAddresses.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
