// Package history makes the fix index of a clone of HAProxy.
package history
