// What was ordered for a Pod, on disk: on it for sure before anybody is told that it is done.
import type { PodKey } from '../manifest/static-pod.ts';
import { readKeyed, removeKeyed, writeKeyed } from './keyed-files.ts';
import { ordersDirectory } from './paths.ts';

export const writeOrder = (rootDir: string, key: PodKey, text: string): void =>
  writeKeyed(ordersDirectory(rootDir), key, text, { durable: true });

export const removeOrder = (rootDir: string, key: PodKey): void =>
  removeKeyed(ordersDirectory(rootDir), key, { durable: true });

export const readOrders = (rootDir: string): Map<PodKey, string> => readKeyed(ordersDirectory(rootDir));
