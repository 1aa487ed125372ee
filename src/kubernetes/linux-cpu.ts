// CPU in thousandths -> the kernel's shares and quota (kubelet cm.MilliCPUToShares, MilliCPUToQuota). Pure.

export const cpuPeriodUs = 100_000;

/** What a kernel takes: 2 … 262144. */
const [sharesMin, sharesMax] = [2, 262_144];
const quotaUsMin = 1_000;

export const cpuShares = (milliCpu: number): number =>
  Math.min(sharesMax, Math.max(sharesMin, Math.floor((milliCpu * 1024) / 1000)));

/** Of each period. */
export const cpuQuotaUs = (milliCpu: number): number =>
  Math.max(quotaUsMin, Math.floor((milliCpu * cpuPeriodUs) / 1000));
