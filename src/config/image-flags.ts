// Flags about images and dead containers, with the kubelet's names; --image-pull-progress-deadline is cri-dockerd's.
import type { RunOptions } from './options.ts';
import * as value from './values.ts';

export const imageFlags = {
  imagePullProgressDeadlineMs: {
    flags: '--image-pull-progress-deadline <duration>',
    help: 'a pull that does not move for so long is given up and tried again',
    parse: value.positiveDuration,
    default: 60_000,
    shown: '1m',
  },
  maxParallelImagePulls: {
    flags: '--max-parallel-image-pulls <number>',
    help: 'how many images are pulled at once',
    parse: value.positiveCount,
    default: 4,
  },
  serializeImagePulls: {
    flags: '--serialize-image-pulls [boolean]',
    help: 'pull one image at a time',
    parse: value.boolean,
    default: false,
  },
  imageGcHighThreshold: {
    flags: '--image-gc-high-threshold <percent>',
    help: "use of the engine's disk from which unused images that monopod has pulled are removed; 100 is never",
    parse: value.percent,
    default: 85,
  },
  imageGcLowThreshold: {
    flags: '--image-gc-low-threshold <percent>',
    help: 'use of the disk down to which they are',
    parse: value.percent,
    default: 80,
  },
  minimumImageTtlMs: {
    flags: '--minimum-image-ttl-duration <duration>',
    help: 'an image that is younger stays',
    parse: value.duration,
    default: 120_000,
    shown: '2m',
  },
  imageMaximumGcAgeMs: {
    flags: '--image-maximum-gc-age <duration>',
    help: 'an image that was unused for longer is removed whatever the disk; 0 is never',
    parse: value.duration,
    default: 0,
    shown: '0s',
  },
  maximumDeadContainersPerContainer: {
    flags: '--maximum-dead-containers-per-container <number>',
    help: 'how many earlier attempts of each container to keep, with their logs; below 0 is all',
    parse: value.integerOrBelow,
    default: 1,
  },
  maximumDeadContainers: {
    flags: '--maximum-dead-containers <number>',
    help: 'how many of them to keep of all Pods; below 0 is any number',
    parse: value.integerOrBelow,
    default: -1,
  },
  minimumContainerTtlMs: {
    flags: '--minimum-container-ttl-duration <duration>',
    help: 'a dead container that is younger stays',
    parse: value.duration,
    default: 0,
    shown: '0s',
  },
};

/** What is wrong with these flags together, if anything (ValidateKubeletConfiguration). */
export function imageFlagsTrouble(options: RunOptions): string | undefined {
  const { imageGcHighThreshold: high, imageGcLowThreshold: low, ...rest } = options;
  if (low >= high)
    return `--image-gc-low-threshold ${low} must be less than --image-gc-high-threshold ${high}`;
  const { imageMaximumGcAgeMs: max, minimumImageTtlMs: min } = rest;
  if (max > 0 && max <= min)
    return '--image-maximum-gc-age must be greater than --minimum-image-ttl-duration';
  return undefined;
}
