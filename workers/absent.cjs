// Stands in for what dockerode can load but monopod never uses (ssh:// engines, BuildKit sessions, build contexts):
// 25 MB of memory in the engine thread otherwise.
module.exports = {};
