// metav1.Time without a value: null in JSON, though its field says omitempty, and so in what the kubelet serves.
// The generated shapes know no null.
export const noTime = null as unknown as string;
