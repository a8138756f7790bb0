// Package redact decides what of a report may leave the house. It is the only package that
// knows what a secret looks like, and which fields of the model cannot hold one.
//
// A crash is full of other people's words: gdb shows what a char* points to, which may be
// a password, a cookie or a whole request; cores hold the environment; logs hold what
// clients asked for. A list of what to take out forgets something. So it is the other way
// round here: [Crash] walks every string and every address of a crash, by reflection, and
// what passes untouched is what is marked in fields.go and has the shape of its field. A
// function is a name, a version a version, a path a path. Everything else is text, and a
// field that nobody thought of is text too.
//
// # How text is read
//
//   - memory: what debuggers print between quotes, letters of arrays, dumps of memory, and
//     numbers whose bytes are letters. Pointers, lengths and names of constants stay.
//     Options.Strings keeps what pointers lead to, but not behind a name that says secret.
//   - pairs: values behind a name, in every notation that such a pair has been seen in:
//     headers, parameters, JSON, XML, settings, options, the environment, URLs.
//   - words: what is a secret by its own make (known prefixes; long runs in which letters
//     and digits take turns as in no word), or stands behind a word of a configuration or
//     of a sentence.
//
// Some names are of secrets only, some of pointers and states too (key, session, auth):
// behind these, numbers and constants stay. The condition of an assertion is an expression
// of C and read as one. To hide too much is a fault as well: a report is read by people who
// need every pointer, flag and function in it.
//
// A secret leaves a mark that says of what kind it was. Redacting twice gives the same as
// once. Presenters only escape; they decide nothing about secrets.
//
// Bounds: each pass reads a text once from left to right and looks back by a bounded number
// of bytes; the walk has the depth of the model.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package redact
