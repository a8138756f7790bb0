package fixes_test

import (
	"fmt"
	"log"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// How releases stand to the fix of the applet that spun (issue 2862).
func ExampleIndex_Judge() {
	index, err := fixes.Load()
	if err != nil {
		log.Fatal(err)
	}
	fix, err := index.Fix("972ce87676")
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range []string{"3.2-dev5", "3.2-dev6", "3.2.4"} {
		version, err := haproxy.ParseVersion(v)
		if err != nil {
			log.Fatal(err)
		}
		day, _ := index.Release(version)
		s := index.Judge(version, day).Standing(fix)
		fmt.Println(v, s.Status, s.Basis)
	}
	// Output:
	// 3.2-dev5 affected git
	// 3.2-dev6 fixed git
	// 3.2.4 fixed git
}
