// How a container is shown that a rule with action RestartAllContainers has ended (KEP-5532).
export const RESTARTING_ALL = {
  reason: 'RestartingAllContainers',
  message: 'The container is removed because RestartAllContainers in place',
};
