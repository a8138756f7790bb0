// Package crash is the noun of the house: what is known about one crash of one
// process, the JSON form of it, and what anybody may ask of it: which thread is at
// fault, which frame is the culprit, which version it was (ask.go). It imports nothing
// of ours, so that every other package may speak of crashes without knowing who found
// them or who will print them.
//
// # Rules of the JSON
//
// The schema is "hacrash.report/1"; docs/schema/report.schema.json describes it.
//
//   - Every field is optional. Absent means "not known", never zero or false.
//   - Fields are added, never renamed or retyped; enums may grow.
//   - Addresses are strings, "0x" and lower-case hex. They are runtime
//     addresses of the process that died unless their comment says otherwise.
//   - Text from logs and cores is carried as found. Whoever prints it escapes it.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package crash
