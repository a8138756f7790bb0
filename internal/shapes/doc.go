// Package shapes writes dumps of HAProxy as the tools print them through which people get at
// their logs: collectors, log stores, containers, mail, pages of issues. Only tests import it.
//
// A shape is a function from the lines that HAProxy wrote to the text that somebody pastes.
package shapes
