package haproxy_test

import (
	"fmt"
	"log"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// A development version is older than the release, whatever a packager added.
func ExampleParseVersion() {
	dev, err := haproxy.ParseVersion("3.2-dev5-86e043a")
	if err != nil {
		log.Fatal(err)
	}
	debian, err := haproxy.ParseVersion("3.2.0-1+deb13u1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dev.Compare(debian) < 0, dev.Commit, debian.Branch(), debian.Suffix)
	// Output: true 86e043a 3.2 -1+deb13u1
}
