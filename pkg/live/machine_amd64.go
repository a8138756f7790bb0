//go:build linux

package live

// machineNumber is EM_X86_64.
const machineNumber = 62
