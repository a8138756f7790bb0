package watch

import _ "github.com/hacrash/hacrash/internal/golden" // -update
