// Package fixes is every fix in HAProxy's history since 2.0, as facts, and which
// release has it.
package fixes
