// Package house checks that the rooms of the project are as docs/decisions/0001-house.md
// draws them: every package is in its list, and imports go down the list only.
package house
