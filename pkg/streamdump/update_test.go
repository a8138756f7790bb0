package streamdump_test

import _ "github.com/hacrash/hacrash/internal/golden" // -update
