//go:build linux

package live

// machineNumber is EM_AARCH64.
const machineNumber = 183
