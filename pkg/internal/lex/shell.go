package lex

import "strings"

// ShellWord makes a text one word of a POSIX shell, and no option of a command.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (IsWord(byte(r)) || strings.IndexByte("@%+=:,./-", byte(r)) >= 0)
	}
	if s != "" && s[0] != '-' && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
