// Package browser shows pages in a headless Chromium, for tests of what hacrash writes as HTML.
//
// What this package knows that no other does: how Chromium is told over its debugging pipe
// (two file descriptors, messages of JSON that end with a zero byte) to load a page, and what
// it says about one: requests, messages on the console, blocked contents. That takes no
// library; Chromium's protocol is at https://chromedevtools.github.io/devtools-protocol/.
//
// axe-core, which looks for what keeps people from reading a page, is fetched by npm when a
// test runs, and is no part of hacrash.
package browser
